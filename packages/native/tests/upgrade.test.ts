// A database of the program that came before is taken over by whatever call comes first. That no row is lost is tested
// beside the store; the fixture holds the tables of crates/db/tests/db/older_schema.sql with a few rows.
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { newPlace } from './contract/transcripts';
import { root, run } from './processes';

const older = gunzipSync(readFileSync(new URL('./fixtures/older-han.db.gz', import.meta.url)));
const session = '8d435985-6805-4c80-a2d4-1c11d8d39e98';

function olderDatabase(): string {
  const db = newPlace().dbPath;
  mkdirSync(dirname(db), { recursive: true });
  writeFileSync(db, older, { mode: 0o644 });
  return db;
}

describe('a database of the older program', () => {
  it('is taken over by the first call, and wants a rescan once', () => {
    const db = olderDatabase();
    expect(native.listSessionMessages(db, session).map(({ id, timestamp }) => [id, timestamp])).toEqual([
      ['b', '2026-03-01T12:00:01.000Z'],
      ['a', '2026-03-01T12:00:00.123Z'],
    ]);
    expect(native.getSession(db, session)).toMatchObject({
      status: 'completed',
      transcriptPath: '/p/x.jsonl',
    });
    expect(native.searchMessages(db, 'upgrade').map(({ id }) => id)).toEqual(['a']);
    expect(native.getMessageCountsBatch(db, [session, 'gone'])).toEqual({ [session]: 2, gone: 1 });
    expect(native.getNativeTask(db, session, '1')).toMatchObject({ subject: 'upgrade', status: 'pending' });
    if (process.platform !== 'win32') expect(statSync(db).mode & 0o777).toBe(0o600);
    expect(native.needsReindex()).toBe(true);
    native.clearReindexFlag();
    expect(native.needsReindex()).toBe(false);
  });

  it('is taken over once by processes that open it at one moment', async () => {
    const db = olderDatabase();
    const script = `
      const native = require(${JSON.stringify(join(root, 'packages/native/index.js'))});
      console.log(native.getMessageCount(${JSON.stringify(db)}, ${JSON.stringify(session)}));`;
    const ended = await Promise.all(
      Array.from({ length: 8 }, () => run(process.execPath, ['--eval', script])),
    );
    for (const { stdout, stderr } of ended) expect({ stdout, stderr }).toEqual({ stdout: '2\n', stderr: '' });
    expect((await native.checkDatabaseAsync(db)).problems).toEqual([]);
  });
});
