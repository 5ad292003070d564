/** Libraries that list the files of a tree. */
import { contend } from '../protocol.mjs';
import { answered } from './answers.mjs';
import { globOf } from './libraries.mjs';

await contend(async ({ root, prefix, rounds, library }) => {
  const glob = await globOf(library);
  const measure = (name, pattern) =>
    answered(
      name,
      rounds,
      () => glob(pattern, root),
      (files) => files,
    );
  return [await measure('all files', '**/*'), await measure('files below a prefix', `${prefix}/**/*.ts`)];
});
