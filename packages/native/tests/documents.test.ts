// Documents in stores of callers: their shape, what is found, what is counted, and names that are only data.
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, newPlace, thrownBy } from './contract/transcripts';

const projectScoped = 'han_team_github.com_org_repo';
const noSuchTable = (name: string) => errorOf('TABLE_NOT_FOUND', `no such table: ${name}`);

let db: string;
beforeEach(() => {
  db = newPlace().dbPath;
});

const found = (query: string, name = 's') => native.ftsSearch(db, name, query).map(({ id }) => id);

describe('a document', () => {
  it('comes back as it was, with a score', () => {
    const whole = { id: 'a', content: 'Fixed a flaky test', metadata: '{"n": 1,  "é":"\\u0000"}' };
    expect(native.ftsIndex(db, 's', [whole, { id: 'b', content: 'other', metadata: null }])).toBe(2);
    const [result] = native.ftsSearch(db, 's', 'flaky');
    expect(result).toStrictEqual({ ...whole, score: expect.any(Number) });
    expect(result?.score).toBeGreaterThanOrEqual(0);
    expect(native.ftsSearch(db, 's', 'other')).toStrictEqual([
      { id: 'b', content: 'other', score: expect.any(Number) },
    ]);
  });

  it('that is indexed again is replaced, not doubled', () => {
    for (const word of ['alpha', 'beta']) {
      expect(native.ftsIndex(db, 's', [{ id: 'a', content: `${word} text` }])).toBe(1);
    }
    expect(found('text')).toEqual(['a']);
    expect(found('alpha')).toEqual([]);
    expect(native.listDocumentStores(db)).toStrictEqual([{ name: 's', documents: 1, vectors: 0 }]);
  });

  it('is found by its content only, never by its id or metadata', () => {
    native.ftsIndex(db, 's', [{ id: 'needle', content: 'hay', metadata: 'needle' }]);
    expect(found('needle')).toEqual([]);
  });
});

describe('counts', () => {
  it('tell what happened', () => {
    const documents = ['a', 'b', 'a'].map((id, at) => ({ id, content: `word${at}` }));
    expect(native.ftsIndex(db, 's', documents)).toBe(2);
    expect(native.ftsDelete(db, 's', ['a', 'a', 'nobody'])).toBe(1);
    expect(native.ftsDelete(db, 's', ['a'])).toBe(0);
    expect(native.dropDocumentStore(db, 's')).toBe(1);
    expect(native.dropDocumentStore(db, 's')).toBe(0);
  });

  it('of nothing are 0, and no store is made', async () => {
    expect(native.ftsIndex(db, 's', [])).toBe(0);
    expect(native.ftsDelete(db, 's', [])).toBe(0);
    expect(await native.ftsIndexAsync(db, 's', [])).toBe(0);
    expect(native.listDocumentStores(db)).toEqual([]);
  });
});

describe('the name of a store', () => {
  const names = [
    projectScoped,
    'a-b',
    'white space',
    `quote " ' \` ]`,
    "x'; DROP TABLE documents; --",
    'sqlite_schema',
    'documents_fts_1',
    'ünïcödé 日本語 🚢',
    'n'.repeat(512),
  ];

  it('is data and can never become SQL', () => {
    for (const name of names) {
      expect(native.ftsIndex(db, name, [{ id: name, content: 'word' }]), name).toBe(1);
    }
    for (const name of names) expect(found('word', name)).toEqual([name]);
    expect(native.listDocumentStores(db).map(({ name }) => name)).toEqual([...names].sort(compareBytes));
    for (const name of names) expect(native.ftsDelete(db, name, [name])).toBe(1);
  });

  it.each(['', 'n'.repeat(513), 'é'.repeat(257)])('is not %j', (name) => {
    for (const work of [
      () => native.ftsIndex(db, name, [{ id: 'a', content: 'text' }]),
      () => native.ftsSearch(db, name, 'text'),
      () => native.ftsDelete(db, name, ['a']),
      () => native.dropDocumentStore(db, name),
    ]) {
      expect(thrownBy(work)).toMatchObject(errorOf('INVALID_ARGUMENT', 'tableName'));
    }
  });

  it('that was never used is no such table', async () => {
    expect(thrownBy(() => native.ftsSearch(db, projectScoped, 'x'))).toMatchObject(
      noSuchTable(projectScoped),
    );
    expect(thrownBy(() => native.ftsDelete(db, 'none', ['x']))).toMatchObject(noSuchTable('none'));
    await expect(native.ftsSearchAsync(db, 'none', 'x')).rejects.toMatchObject(noSuchTable('none'));
    await expect(native.ftsDeleteAsync(db, 'none', ['x'])).rejects.toMatchObject(noSuchTable('none'));
  });
});

describe('a search', () => {
  beforeEach(() => {
    native.ftsIndex(db, 's', [
      { id: 'git', content: 'a strategy for git' },
      { id: 'vcs', content: 'strategy of version control: version control is a strategy' },
      { id: 'apart', content: 'control of a version' },
    ]);
  });

  it('finds what an expanded expression asks for', () => {
    expect(found('("vcs" OR "version control" OR "git") "strategy"').sort()).toEqual(['git', 'vcs']);
    expect(found('strategy NOT git')).toEqual(['vcs']);
    expect(found('vers*').sort()).toEqual(['apart', 'vcs']);
    expect(found('"control of"')).toEqual(['apart']);
  });

  it('never fails for what a person types, and without a word finds nothing', () => {
    for (const query of ['', ' ', '"', '(', 'AND', '*', '^', 'NEAR(', '\0', 'a:b', '?!']) {
      expect(found(query), query).toEqual([]);
    }
    expect(found('git AND (')).toEqual([]);
    expect(found('"git strategy')).toEqual(['git']);
  });

  it('gives the best first, 10 when no limit is given', () => {
    const many = Array.from({ length: 12 }, (_, at) => ({
      id: `${at}`,
      content: `ferry ${'filling '.repeat(at)}`,
    }));
    native.ftsIndex(db, 'many', many);
    const results = native.ftsSearch(db, 'many', 'ferry');
    expect(results.map(({ id }) => id)).toEqual(many.slice(0, 10).map(({ id }) => id));
    expect(results.map(({ score }) => score)).toEqual(
      results.map(({ score }) => score).sort((one, other) => other - one),
    );
    expect(native.ftsSearch(db, 'many', 'ferry', null)).toStrictEqual(results);
    expect(native.ftsSearch(db, 'many', 'ferry', 12)).toHaveLength(12);
    expect(native.ftsSearch(db, 'many', 'ferry', 0)).toEqual([]);
    expect(thrownBy(() => native.ftsSearch(db, 'many', 'ferry', -1))).toMatchObject(
      errorOf('INVALID_ARGUMENT', 'limit = -1'),
    );
  });

  it('sees its own store and database only, scores included', () => {
    const before = native.ftsSearch(db, 's', 'strategy');
    const other = newPlace().dbPath;
    for (const [path, name] of [
      [db, 'another'],
      [other, 's'],
    ] as const) {
      native.ftsIndex(path, name, [{ id: 'x', content: 'strategy strategy elsewhere' }]);
    }
    expect(native.ftsSearch(db, 's', 'strategy')).toStrictEqual(before);
    expect(found('elsewhere')).toEqual([]);
  });
});

it('the asynchronous twins answer as the others do', async () => {
  const documents = [
    { id: 'a', content: 'text one', metadata: 'm' },
    { id: 'b', content: 'text two' },
  ];
  expect(await native.ftsIndexAsync(db, 's', documents)).toBe(2);
  expect(await native.ftsSearchAsync(db, 's', 'text', 1)).toStrictEqual(native.ftsSearch(db, 's', 'text', 1));
  expect(await native.ftsSearchAsync(db, 's', 'text')).toStrictEqual(native.ftsSearch(db, 's', 'text'));
  expect(await native.ftsDeleteAsync(db, 's', ['a', 'nobody'])).toBe(1);
  expect(await native.dropDocumentStoreAsync(db, 's')).toBe(1);
  expect(native.listDocumentStores(db)).toEqual([]);
});

/** The order of SQLite: by the bytes of UTF-8. */
function compareBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
