import { HanClient } from '@han/client';
import { expect, it } from 'vitest';

it('finds the files that a text names', async () => {
  const { fileOperations } = HanClient;
  const texts = ['Reading `src/main.ts`, then updated README.md.', 'Nothing here.', 'Write to out.json'];
  const first = {
    operations: [
      { path: 'src/main.ts', operation: 'read' },
      { path: 'README.md', operation: 'edit' },
    ],
    patternMatches: 2,
  };
  expect(fileOperations.extract('Reading `src/main.ts`, then updated README.md.')).toStrictEqual(first);
  const all = [
    first,
    { operations: [], patternMatches: 0 },
    { operations: [{ path: 'out.json', operation: 'write' }], patternMatches: 1 },
  ];
  expect(fileOperations.extractAllSync(texts)).toStrictEqual(all);
  expect(await fileOperations.extractAll(texts)).toStrictEqual(all);
});
