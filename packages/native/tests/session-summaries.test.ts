// The latest summary, compaction and list of todos of a session: their shapes, and what replaces what.
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, newPlace, thrownBy } from './contract/transcripts';

const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const noon = '2026-03-01T12:00:00.000Z';

let db: string;
beforeEach(() => {
  db = newPlace().dbPath;
  native.upsertSession(db, { id: 's' });
});

const origin = { sessionId: 's', messageId: 'm', timestamp: noon, lineNumber: 3 };

describe('the summary of a session', () => {
  it('has exactly the fields that have a value, and the id of its message', () => {
    const summary = native.upsertSessionSummary(db, origin);
    expect(summary).toStrictEqual({ ...origin, id: 'm', indexedAt: time });
    expect(native.getSessionSummary(db, 's')).toStrictEqual(summary);
    const whole = { ...origin, content: 'text', rawJson: '{}' };
    expect(native.upsertSessionSummary(db, whole)).toStrictEqual({ ...whole, id: 'm', indexedAt: time });
    const nothing = { ...origin, content: null, rawJson: null };
    expect(native.upsertSessionSummary(db, nothing)).toStrictEqual({ ...origin, id: 'm', indexedAt: time });
  });
});

describe('the compaction of a session', () => {
  it('has a type too', () => {
    const whole = { ...origin, content: 'text', rawJson: '{}', compactType: 'continuation' };
    const compact = native.upsertSessionCompact(db, whole);
    expect(compact).toStrictEqual({ ...whole, id: 'm', indexedAt: time });
    expect(native.getSessionCompact(db, 's')).toStrictEqual(compact);
    expect(native.upsertSessionCompact(db, origin)).toStrictEqual({ ...origin, id: 'm', indexedAt: time });
  });
});

describe('the todos of a session', () => {
  it('are kept as text, under an id that stays', () => {
    const input = { ...origin, todosJson: '[{"content":"é"}]' };
    const todos = native.upsertSessionTodos(db, input);
    expect(todos).toStrictEqual({ ...input, id: uuid, indexedAt: time });
    expect(native.getSessionTodos(db, 's')).toStrictEqual(todos);
    expect(native.upsertSessionTodos(db, { ...input, messageId: 'n', todosJson: '[]' })).toMatchObject({
      id: todos.id,
      messageId: 'n',
      todosJson: '[]',
    });
  });
});

describe.each([
  ['summary', native.upsertSessionSummary, native.getSessionSummary],
  ['compaction', native.upsertSessionCompact, native.getSessionCompact],
  [
    'list of todos',
    (path: string, input: typeof origin) => native.upsertSessionTodos(path, { ...input, todosJson: '[]' }),
    native.getSessionTodos,
  ],
])('the %s', (_, upsert, get) => {
  it('is replaced by one of the same time or later, whatever form the times have', () => {
    for (const [timestamp, messageId, expected] of [
      [noon, 'first', 'first'],
      ['2026-03-01T13:00:00+02:00', 'earlier', 'first'],
      ['2026-03-01T11:00:00-02:00', 'later', 'later'],
      ['2026-03-01T13:00:00.000000Z', 'equal', 'equal'],
    ] as const) {
      expect(upsert(db, { ...origin, timestamp, messageId })).toMatchObject({ messageId: expected });
    }
    expect(get(db, 's')).toMatchObject({ messageId: 'equal', timestamp: '2026-03-01T13:00:00.000Z' });
  });

  it('of an unknown session is refused or null', () => {
    const nobody = () => upsert(db, { ...origin, sessionId: 'nobody' });
    expect(thrownBy(nobody)).toMatchObject(errorOf('DB_CONSTRAINT'));
    expect(get(db, 'nobody')).toBeNull();
    const bad = () => upsert(db, { ...origin, timestamp: 'yesterday' });
    expect(thrownBy(bad)).toMatchObject(errorOf('INVALID_TIMESTAMP', '"yesterday"'));
    expect(get(db, 's')).toBeNull();
  });

  it('survives another open of the database', () => {
    upsert(db, origin);
    native.dbInit(db);
    expect(get(db, 's')).not.toBeNull();
  });
});
