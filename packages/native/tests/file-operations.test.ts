// Files that a text names, from JavaScript.
import { expect, it } from 'vitest';
import * as native from '../index.js';

const text =
  'Read src/ü.ts. Created "a.md"; edit b.rs. The file c.py was deleted, and read http://x.org/d.html';
const answer = {
  operations: [
    { path: 'src/ü.ts', operation: 'read' },
    { path: 'a.md', operation: 'write' },
    { path: 'b.rs', operation: 'edit' },
    { path: 'c.py', operation: 'write' },
  ],
  patternMatches: 4,
};

it('names each file once, with what was done', () => {
  expect(native.extractFileOperations(text)).toStrictEqual(answer);
  expect(native.extractFileOperations('file c.py was deleted').operations[0]?.operation).toBe('delete');
  expect(native.extractFileOperations('')).toStrictEqual({ operations: [], patternMatches: 0 });
});

it('answers for many texts, with and without blocking', async () => {
  const texts = [text, '', '\ud800 read a.ts', `${'x '.repeat(1000)}${text}`];
  const answers = texts.map((one) => native.extractFileOperations(one));
  expect(answers[2]?.operations).toStrictEqual([{ path: 'a.ts', operation: 'read' }]);
  expect(native.extractFileOperationsBatch(texts)).toStrictEqual(answers);
  expect(await native.extractFileOperationsBatchAsync(texts)).toStrictEqual(answers);
  expect(native.extractFileOperationsBatch([])).toStrictEqual([]);
});

it('refuses what is no text', () => {
  expect(() => native.extractFileOperations(1 as never)).toThrow();
  expect(() => native.extractFileOperationsBatch(['a', null as never])).toThrow();
});
