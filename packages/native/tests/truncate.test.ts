// Removing what transcripts tell, so that they are read anew.
import { rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, newPlace, sessionId, thrownBy, transcript, write } from './contract/transcripts';

const counts = (db: string) => [1, 2, 3].map((number) => native.getMessageCount(db, sessionId(number)));

it('keeps what no transcript tells, and sessions whose transcript is gone', async () => {
  const { dbPath: db, ...place } = newPlace();
  expect(native.truncateDerivedTables(db)).toBe(0);
  for (const number of [1, 2, 3]) write(place.file(number), transcript(4, number));
  native.indexProjectDirectory(db, place.projectDir);
  expect(counts(db)).toEqual([4, 4, 4]);
  rmSync(place.file(1));
  native.recordFileChange(db, { sessionId: sessionId(2), filePath: '/a', action: 'created' });
  native.upsertSessionSummary(db, {
    sessionId: sessionId(2),
    messageId: 'm',
    timestamp: '2026-11-01T12:00:00Z',
    lineNumber: 0,
  });

  // Of two sessions the messages, files and blocks of raw lines; one summary, and the one session that nothing is kept for.
  expect(native.truncateDerivedTables(db)).toBe(2 * (4 + 1 + 1) + 1 + 1);
  expect(counts(db)).toEqual([4, 0, 0]);
  expect(native.getSession(db, sessionId(3))).toBeNull();
  expect(native.hasSessionChanges(db, sessionId(2))).toBe(true);
  expect(native.getSessionSummary(db, sessionId(2))).toBeNull();
  expect(native.listProjects(db)).toHaveLength(1);
  expect(native.searchMessages(db, 'text')).toHaveLength(4);

  native.indexProjectDirectory(db, place.projectDir);
  expect(counts(db)).toEqual([4, 4, 4]);
  expect(native.searchMessages(db, 'text')).toHaveLength(12);
  expect(await native.truncateDerivedTablesAsync(db)).toBe(2 * (4 + 1 + 1) + 1);
  expect(counts(db)).toEqual([4, 0, 0]);
});

it('fails alike in both forms', async () => {
  expect(thrownBy(() => native.truncateDerivedTables(''))).toMatchObject(errorOf('DB_PATH_INVALID'));
  await expect(native.truncateDerivedTablesAsync('')).rejects.toMatchObject(errorOf('DB_PATH_INVALID'));
});
