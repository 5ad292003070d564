// Files that sessions changed: the shape of a change, the order of lists, pages.
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, newPlace, thrownBy } from './contract/transcripts';

const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

let db: string;
beforeEach(() => {
  db = newPlace().dbPath;
  native.upsertSession(db, { id: 's' });
});

describe('a change of a file', () => {
  it('has exactly the fields that have a value', () => {
    const input = { sessionId: 's', filePath: '/a', action: 'deleted' };
    expect(native.recordFileChange(db, input)).toStrictEqual({ ...input, id: uuid, recordedAt: time });
    const whole = {
      sessionId: 's',
      filePath: '/b',
      action: 'modified',
      fileHashBefore: '1',
      fileHashAfter: '2',
      toolName: 'Edit',
      agentId: 'a',
    };
    const change = native.recordFileChange(db, whole);
    expect(change).toStrictEqual({ ...whole, id: uuid, recordedAt: time });
    expect(native.getSessionFileChanges(db, 's')[0]).toStrictEqual(change);
  });

  it('takes null for what is absent', () => {
    const input = { sessionId: 's', filePath: '/a', action: 'created' };
    const nothing = { fileHashBefore: null, fileHashAfter: null, toolName: null, agentId: null };
    expect(native.recordFileChange(db, { ...input, ...nothing })).toStrictEqual({
      ...input,
      id: uuid,
      recordedAt: time,
    });
  });

  it('of an unknown session is DB_CONSTRAINT and not written', () => {
    const input = { sessionId: 'nobody', filePath: '/a', action: 'created' };
    expect(thrownBy(() => native.recordFileChange(db, input))).toMatchObject(errorOf('DB_CONSTRAINT'));
    expect(native.getSessionFileChanges(db, 'nobody')).toEqual([]);
    expect(native.hasSessionChanges(db, 'nobody')).toBe(false);
  });
});

describe('changes of files', () => {
  beforeEach(() => {
    for (let number = 0; number < 5; number++) {
      const agentId = number % 2 === 0 ? 'even' : null;
      native.recordFileChange(db, { sessionId: 's', filePath: `/${number}`, action: 'created', agentId });
    }
  });

  it('come newest first, of all or of one agent', () => {
    const paths = (agentId?: string | null) =>
      native.getSessionFileChanges(db, 's', agentId).map(({ filePath }) => filePath);
    expect(paths()).toEqual(['/4', '/3', '/2', '/1', '/0']);
    expect(paths(null)).toEqual(paths());
    expect(paths('even')).toEqual(['/4', '/2', '/0']);
    expect(paths('odd')).toEqual([]);
    expect(native.hasSessionChanges(db, 's')).toBe(true);
    expect(native.hasSessionChanges(db, 's', 'even')).toBe(true);
    expect(native.hasSessionChanges(db, 's', 'odd')).toBe(false);
  });

  it('come in pages', () => {
    const first = native.listFileChangesPage(db, 's', { limit: 2 });
    expect(first).toMatchObject({ items: [{ filePath: '/4' }, { filePath: '/3' }], hasMore: true });
    const second = native.listFileChangesPage(db, 's', { limit: 3, cursor: `${first.nextCursor}` });
    expect(second.items.map(({ filePath }) => filePath)).toEqual(['/2', '/1', '/0']);
    expect(second).toStrictEqual({ items: second.items, hasMore: false });
    expect(native.listFileChangesPage(db, 's', { agentId: 'even' }).items).toHaveLength(3);
    expect(native.listFileChangesPage(db, 'nobody')).toStrictEqual({ items: [], hasMore: false });
    for (const [options, code] of [
      [{ limit: 0 }, 'INVALID_ARGUMENT'],
      [{ limit: 1001 }, 'INVALID_ARGUMENT'],
      [{ cursor: 'x' }, 'INVALID_CURSOR'],
    ] as const) {
      expect(thrownBy(() => native.listFileChangesPage(db, 's', options))).toMatchObject(errorOf(code));
    }
  });
});
