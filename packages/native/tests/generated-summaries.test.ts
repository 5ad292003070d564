// Summaries that a model wrote: their shape, what search finds, and which sessions have none.
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, newPlace, thrownBy } from './contract/transcripts';

const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

let db: string;
beforeEach(() => {
  db = newPlace().dbPath;
  for (const id of ['a', 'b', 'c']) native.upsertSession(db, { id });
});

const found = (query: string, limit?: number | null) =>
  native.searchGeneratedSummaries(db, query, limit).map(({ sessionId }) => sessionId);

describe('a generated summary', () => {
  it('has exactly the fields that have a value; what is absent is erased', () => {
    const input = { sessionId: 'a', summaryText: 'text', topics: ['one', 'two'] };
    const whole = {
      ...input,
      filesModified: ['/a'],
      toolsUsed: [],
      outcome: 'completed',
      messageCount: 12,
      durationSeconds: 60,
    };
    const first = native.upsertGeneratedSummary(db, whole);
    expect(first).toStrictEqual({ ...whole, id: uuid, createdAt: time, updatedAt: time });
    expect(native.getGeneratedSummary(db, 'a')).toStrictEqual(first);
    const nothing = {
      filesModified: null,
      toolsUsed: null,
      outcome: null,
      messageCount: null,
      durationSeconds: null,
    };
    expect(native.upsertGeneratedSummary(db, { ...input, ...nothing })).toStrictEqual({
      ...input,
      id: first.id,
      createdAt: first.createdAt,
      updatedAt: time,
    });
  });

  it('of an unknown session is DB_CONSTRAINT, or null', () => {
    const nobody = { sessionId: 'nobody', summaryText: 'text', topics: [] };
    expect(thrownBy(() => native.upsertGeneratedSummary(db, nobody))).toMatchObject(errorOf('DB_CONSTRAINT'));
    expect(native.getGeneratedSummary(db, 'nobody')).toBeNull();
  });
});

describe('the search of generated summaries', () => {
  beforeEach(() => {
    native.upsertGeneratedSummary(db, {
      sessionId: 'a',
      summaryText: 'Fixed a flaky test',
      topics: ['version control'],
    });
    native.upsertGeneratedSummary(db, {
      sessionId: 'b',
      summaryText: 'Moved a test',
      topics: ['git', 'getUserName'],
    });
  });

  it('takes words, phrases, operators and groups, newest first', () => {
    expect(found('test')).toEqual(['b', 'a']);
    expect(found('test', 1)).toEqual(['b']);
    expect(found('("vcs" OR "version control" OR "git") "test"')).toEqual(['b', 'a']);
    expect(found('test NOT moved')).toEqual(['a']);
    expect(found('user_name')).toEqual(['b']);
    expect(found('control version')).toEqual(['a']);
    expect(found('"control version"')).toEqual([]);
  });

  it('never fails for what a person types', () => {
    for (const query of ['', ' ', '"', '(', 'AND', 'content:x', 'input:x', 'a:b', '*', '^', 'NEAR(', '\0']) {
      expect(found(query), query).toEqual([]);
    }
  });

  it('follows what is written', () => {
    native.upsertGeneratedSummary(db, { sessionId: 'a', summaryText: 'Another', topics: [] });
    expect(found('flaky')).toEqual([]);
    expect(found('version')).toEqual([]);
    expect(found('another')).toEqual(['a']);
  });

  it('comes in pages, blocking or not', async () => {
    const first = native.searchGeneratedSummariesPage(db, 'test', { limit: 1 });
    expect(first).toMatchObject({ items: [{ sessionId: 'b' }], hasMore: true });
    const options = { limit: 1, cursor: `${first.nextCursor}` };
    const second = await native.searchGeneratedSummariesPageAsync(db, 'test', options);
    expect(second).toStrictEqual({ items: [native.getGeneratedSummary(db, 'a')], hasMore: false });
    for (const [bad, code] of [
      [{ limit: 0 }, 'INVALID_ARGUMENT'],
      [{ cursor: 'x' }, 'INVALID_CURSOR'],
    ] as const) {
      expect(thrownBy(() => native.searchGeneratedSummariesPage(db, 'test', bad))).toMatchObject(
        errorOf(code),
      );
    }
    expect(thrownBy(() => found('test', -1))).toMatchObject(errorOf('INVALID_ARGUMENT', 'limit = -1'));
  });
});

describe('sessions without a generated summary', () => {
  it('come newest message first, those without a message last', () => {
    const message = { messageType: 'user', lineNumber: 0 };
    native.insertMessagesBatch(db, 'a', [{ ...message, id: '1', timestamp: '2026-01-01T00:00:00Z' }]);
    native.insertMessagesBatch(db, 'c', [{ ...message, id: '2', timestamp: '2026-01-02T00:00:00Z' }]);
    expect(native.listSessionsWithoutSummaries(db)).toEqual(['c', 'a', 'b']);
    expect(native.listSessionsWithoutSummaries(db, 1)).toEqual(['c']);
    native.upsertGeneratedSummary(db, { sessionId: 'c', summaryText: 'text', topics: [] });
    expect(native.listSessionsWithoutSummaries(db, null)).toEqual(['a', 'b']);
  });
});
