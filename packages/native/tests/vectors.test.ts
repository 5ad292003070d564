// Vectors in stores of callers: similarity, dimension and model, what is counted, and a database of their own.
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, newPlace, thrownBy } from './contract/transcripts';
import { root, run, temporaryFolder } from './processes';

const projectScoped = 'han_team_github.com_org_repo';
const noSuchTable = (name: string) => errorOf('TABLE_NOT_FOUND', `no such table: ${name}`);

let db: string;
beforeEach(() => {
  db = newPlace().dbPath;
});

const vector = (id: string, numbers: number[]) => ({ id, content: `content of ${id}`, vector: numbers });
const found = (numbers: number[], name = 's') => native.vectorSearch(db, name, numbers).map(({ id }) => id);

describe('the vector store', () => {
  it('works: what is stored is found', () => {
    const documents = [{ ...vector('a', [1, 0]), metadata: '{"n": 1}' }, vector('b', [3, 4])];
    expect(native.vectorIndex(db, projectScoped, documents)).toBe(2);
    expect(native.vectorSearch(db, projectScoped, [2, 0])).toStrictEqual([
      { id: 'a', content: 'content of a', metadata: '{"n": 1}', score: 1 },
      { id: 'b', content: 'content of b', score: 0.6 },
    ]);
  });

  it('scores by cosine similarity, best first, ties by id, 10 when no limit is given', () => {
    const documents = Array.from({ length: 12 }, (_, at) =>
      vector(`${'abcdefghijkl'[11 - at]}`, [at + 1, 0]),
    );
    native.vectorIndex(db, 's', [...documents, vector('z', [-1, 0]), vector('y', [0, 0])]);
    expect(found([1, 0])).toEqual([...'abcdefghij']);
    const all = native.vectorSearch(db, 's', [1, 0], 100);
    expect(all.map(({ id }) => id)).toEqual([...'abcdefghijklyz']);
    expect(all.map(({ score }) => score)).toEqual([...Array<number>(12).fill(1), 0, -1]);
    expect(native.vectorSearch(db, 's', [1, 0], null)).toHaveLength(10);
    expect(native.vectorSearch(db, 's', [1, 0], 0)).toEqual([]);
    expect(thrownBy(() => native.vectorSearch(db, 's', [1, 0], 0.5))).toMatchObject(
      errorOf('INVALID_ARGUMENT', 'limit = 0.5'),
    );
  });

  it('replaces what is indexed again, and counts what happened', () => {
    expect(native.vectorIndex(db, 's', [vector('a', [1, 0]), vector('b', [1, 0]), vector('a', [0, 1])])).toBe(
      2,
    );
    expect(native.vectorIndex(db, 's', [{ ...vector('b', [0, 1]), content: 'anew' }])).toBe(1);
    expect(native.vectorSearch(db, 's', [0, 1])).toMatchObject([
      { id: 'a', score: 1 },
      { id: 'b', content: 'anew', score: 1 },
    ]);
    expect(native.vectorDelete(db, 's', ['b', 'b', 'nobody'])).toBe(1);
    expect(native.vectorDelete(db, 's', ['b'])).toBe(0);
    expect(native.vectorIndex(db, 'new', [])).toBe(0);
    expect(native.vectorDelete(db, 'new', [])).toBe(0);
    expect(native.listDocumentStores(db)).toStrictEqual([
      { name: 's', documents: 0, vectors: 1, dimension: 2 },
    ]);
  });

  it('refuses what is no vector of its dimension, and keeps nothing of the call', () => {
    native.vectorIndex(db, 's', [vector('a', [1, 0])]);
    for (const [numbers, code] of [
      [[1], 'VECTOR_DIMENSION_MISMATCH'],
      [[1, 2, 3], 'VECTOR_DIMENSION_MISMATCH'],
      [[], 'INVALID_ARGUMENT'],
      [[1, Number.NaN], 'INVALID_ARGUMENT'],
      [[1, Number.POSITIVE_INFINITY], 'INVALID_ARGUMENT'],
      [[1, 1e300], 'INVALID_ARGUMENT'],
    ] as const) {
      const call = () => native.vectorIndex(db, 's', [vector('good', [1, 0]), vector('bad', [...numbers])]);
      expect(thrownBy(call)).toMatchObject(errorOf(code, '"bad"'));
      expect(thrownBy(() => native.vectorSearch(db, 's', [...numbers]))).toMatchObject(errorOf(code));
    }
    expect(found([1, 0])).toEqual(['a']);
  });

  it('of a name that was never used is no such table', async () => {
    expect(thrownBy(() => native.vectorSearch(db, projectScoped, [1]))).toMatchObject(
      noSuchTable(projectScoped),
    );
    expect(thrownBy(() => native.vectorDelete(db, 'none', ['a']))).toMatchObject(noSuchTable('none'));
    await expect(native.vectorSearchAsync(db, 'none', [1])).rejects.toMatchObject(noSuchTable('none'));
    await expect(native.vectorDeleteAsync(db, 'none', ['a'])).rejects.toMatchObject(noSuchTable('none'));
    for (const name of ['', 'n'.repeat(513)]) {
      expect(thrownBy(() => native.vectorIndex(db, name, [vector('a', [1])]))).toMatchObject(
        errorOf('INVALID_ARGUMENT', 'tableName'),
      );
    }
  });
});

describe('the model of a store', () => {
  it('is that of its first vectors, and another one is refused', async () => {
    const one = { modelId: 'model-1' };
    const other = { modelId: 'model-2' };
    expect(await native.vectorIndexAsync(db, 's', [vector('a', [1])], one)).toBe(1);
    expect(native.listDocumentStores(db)).toStrictEqual([
      { name: 's', documents: 0, vectors: 1, dimension: 1, modelId: 'model-1' },
    ]);
    const mismatch = errorOf('VECTOR_MODEL_MISMATCH', '"model-1"');
    await expect(native.vectorIndexAsync(db, 's', [vector('b', [1])], other)).rejects.toMatchObject(mismatch);
    await expect(native.vectorSearchAsync(db, 's', [1], 10, other)).rejects.toMatchObject(mismatch);
    expect(await native.vectorSearchAsync(db, 's', [1], null, one)).toHaveLength(1);
    // The compatible functions know no models.
    expect(native.vectorIndex(db, 's', [vector('b', [1])])).toBe(1);
    expect(found([1])).toEqual(['a', 'b']);
    expect(native.vectorDelete(db, 's', ['a', 'b'])).toBe(2);
    expect(await native.vectorIndexAsync(db, 's', [vector('a', [1, 2])], other)).toBe(1);
  });

  it('cannot be named afterwards, nor be empty', async () => {
    native.vectorIndex(db, 's', [vector('a', [1])]);
    for (const [modelId, code] of [
      ['model', 'VECTOR_MODEL_MISMATCH'],
      ['', 'INVALID_ARGUMENT'],
    ] as const) {
      await expect(native.vectorIndexAsync(db, 's', [vector('b', [1])], { modelId })).rejects.toMatchObject(
        errorOf(code),
      );
    }
  });
});

it('documents and vectors of one name live side by side', () => {
  native.ftsIndex(db, projectScoped, [{ id: 'a', content: 'text' }]);
  native.vectorIndex(db, projectScoped, [vector('a', [1]), vector('b', [1])]);
  expect(native.listDocumentStores(db)).toStrictEqual([
    { name: projectScoped, documents: 1, vectors: 2, dimension: 1 },
  ]);
  expect(native.ftsDelete(db, projectScoped, ['a'])).toBe(1);
  expect(found([1], projectScoped)).toEqual(['a', 'b']);
  expect(native.dropDocumentStore(db, projectScoped)).toBe(2);
});

it('the asynchronous twins answer as the others do', async () => {
  expect(await native.vectorIndexAsync(db, 's', [vector('a', [1, 2]), vector('b', [2, 1])])).toBe(2);
  expect(await native.vectorSearchAsync(db, 's', [1, 2], 1)).toStrictEqual(
    native.vectorSearch(db, 's', [1, 2], 1),
  );
  expect(await native.vectorSearchAsync(db, 's', [1, 2])).toStrictEqual(native.vectorSearch(db, 's', [1, 2]));
  expect(await native.vectorDeleteAsync(db, 's', ['a', 'nobody'])).toBe(1);
});

it('numbers may come as a Float32Array, whose values of the moment count', async () => {
  const numbers = new Float32Array([9, 0.5, 0.25, 9]).subarray(1, 3);
  const stored = native.vectorIndexAsync(db, 's', [
    { ...vector('a', []), vector: numbers },
    vector('b', [1, 0]),
  ]);
  numbers.fill(7);
  expect(await stored).toBe(2);
  expect(await native.vectorSearchAsync(db, 's', new Float32Array([2, 1]))).toMatchObject([
    { id: 'a', score: 1 },
    { id: 'b' },
  ]);
  expect(native.listDocumentStores(db)).toMatchObject([{ vectors: 2, dimension: 2 }]);
  for (const bad of [new Float32Array(), new Float32Array([Number.NaN, 1])]) {
    await expect(native.vectorSearchAsync(db, 's', bad)).rejects.toMatchObject(errorOf('INVALID_ARGUMENT'));
  }
  for (const other of [
    new Uint8Array([1, 0]),
    new Float64Array([1, 0]),
    '10',
    { length: 2 },
    [1, null],
    ['1', 0],
  ]) {
    await expect(native.vectorSearchAsync(db, 's', other as never)).rejects.toMatchObject(
      errorOf('INVALID_ARGUMENT'),
    );
  }
});

it('a vectors.db beside han.db works, and functions without a path never take it for theirs', async () => {
  const folder = temporaryFolder();
  const paths = ['han.db', 'vectors.db'].map((name) => JSON.stringify(join(folder, 'index', name)));
  const code = `
    const native = require(${JSON.stringify(join(root, 'packages/native/index.js'))});
    const [main, vectors] = [${paths.join()}];
    const documents = [{ id: 'a', content: 'text', vector: [1, 0] }];
    native.dbInit(main);
    native.dbInit(vectors);
    native.vectorIndex(vectors, 's', documents);
    const { id } = native.createOrchestration({ hookType: 'Stop', projectRoot: '/p' });
    native.vectorSearch(vectors, 's', [1, 0]);
    const found = [native.getOrchestration(id)?.id === id];
    native.dbInit(main);
    found.push(native.getOrchestration(id)?.id === id);
    const stores = [main, vectors].map((path) => native.listDocumentStores(path).length);
    console.log(JSON.stringify({ found, stores }));`;
  const { stdout, stderr } = await run(process.execPath, ['--eval', code], {
    env: { HAN_DATA_DIR: join(folder, 'untouched'), CLAUDE_CONFIG_DIR: undefined },
  });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({ found: [true, true], stores: [0, 1] });
});
