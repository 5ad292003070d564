/** Glob libraries behind one function: a pattern and a folder to relative paths. */
import { Skip } from '../protocol.mjs';

/** What git ignores in the tree, for libraries that do not read that. */
const ignore = ['**/node_modules/**', '**/*.log'];

const LIBRARIES = {
  tinyglobby:
    ({ glob }) =>
    (pattern, cwd) =>
      glob(pattern, { cwd, ignore, expandDirectories: false }),
  'fast-glob':
    ({ default: glob }) =>
    (pattern, cwd) =>
      glob(pattern, { cwd, ignore }),
  globby:
    ({ globby }) =>
    (pattern, cwd) =>
      globby(pattern, { cwd, ignore, gitignore: true, expandDirectories: false }),
};

/** The function of a library, if it is installed. */
export async function globOf(name) {
  try {
    return LIBRARIES[name](await import(name));
  } catch (error) {
    throw new Skip(`${name} is not installed`, error.message);
  }
}
