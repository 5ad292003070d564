// Tasks that agents keep for themselves: what callers read when there are none. The indexer writes them; what it writes is
// tested in crates/db.
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { newPlace } from './contract/transcripts';

let db: string;
beforeEach(() => {
  db = newPlace().dbPath;
});

describe('the tasks of a session', () => {
  it('are none in a new one, and in an unknown one', () => {
    native.upsertSession(db, { id: 's' });
    for (const sessionId of ['s', 'nobody']) {
      expect(native.getSessionNativeTasks(db, sessionId)).toStrictEqual([]);
      expect(native.getNativeTask(db, sessionId, '1')).toBeNull();
    }
  });
});
