// What happens to databases while the addon has them open, and how they are opened.
import { existsSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, newPlace, thrownBy } from './contract/transcripts';
import { root, run, temporaryFolder } from './processes';

// A file that is open cannot be deleted on Windows.
const onUnix = it.skipIf(process.platform === 'win32');
const ids = (db: string) => native.listSessions(db).map(({ id }) => id);

describe('a database that is open', () => {
  onUnix('and is deleted is made anew by the next call', () => {
    const db = newPlace().dbPath;
    native.upsertSession(db, { id: 's' });
    rmSync(db);
    expect(ids(db)).toEqual([]);
    native.upsertSession(db, { id: 't' });
    expect(ids(db)).toEqual(['t']);
    rmSync(dirname(db), { recursive: true });
    expect(ids(db)).toEqual([]);
    native.upsertSession(db, { id: 'u' });
    expect(ids(db)).toEqual(['u']);
  });

  onUnix('keeps what stood in a log that is deleted', async () => {
    const db = newPlace().dbPath;
    native.upsertSession(db, { id: 's' });
    for (const suffix of ['-wal', '-shm']) rmSync(db + suffix);
    // So long may it take until that is noticed.
    await pause(60);
    expect(ids(db)).toEqual(['s']);
    native.upsertSession(db, { id: 't' });
    const script = `console.log(JSON.stringify(require(${JSON.stringify(join(root, 'packages/native/index.js'))})
      .listSessions(${JSON.stringify(db)}).map(({ id }) => id).sort()))`;
    expect(JSON.parse((await run(process.execPath, ['--eval', script])).stdout)).toEqual(['s', 't']);
  });

  onUnix('begins anew when it is emptied', () => {
    const db = newPlace().dbPath;
    native.upsertSession(db, { id: 's' });
    truncateSync(db);
    native.upsertSession(db, { id: 't' });
    expect(ids(db)).toEqual(['t']);
  });
});

describe('HAN_JOURNAL_MODE', () => {
  const store = (mode: string, db: string) => {
    const script = `
      const native = require(${JSON.stringify(join(root, 'packages/native/index.js'))});
      const db = ${JSON.stringify(db)};
      try {
        native.upsertSession(db, { id: 's' });
        native.insertMessagesBatch(db, 's', [
          { id: 'm', messageType: 'user', content: 'word', timestamp: '2026-03-01T12:00:00Z', lineNumber: 0 },
        ]);
        const logs = require('node:fs').readdirSync(require('node:path').dirname(db)).sort();
        console.log(JSON.stringify([native.searchMessages(db, 'word').length, logs]));
      } catch (error) {
        console.log(JSON.stringify(error.code));
      }`;
    return run(process.execPath, ['--eval', script], { env: { HAN_JOURNAL_MODE: mode } });
  };

  it.each([
    ['rollback', [1, ['han.db']]],
    ['wal', [1, ['han.db', 'han.db-shm', 'han.db-wal']]],
    ['auto', [1, ['han.db', 'han.db-shm', 'han.db-wal']]],
    ['', [1, ['han.db', 'han.db-shm', 'han.db-wal']]],
    ['fast', 'INVALID_ARGUMENT'],
  ])('%j', async (mode, expected) => {
    const db = join(temporaryFolder(), 'han.db');
    const { stdout, stderr } = await store(mode, db);
    expect({ stdout: JSON.parse(stdout), stderr }).toEqual({ stdout: expected, stderr: '' });
    if (expected === 'INVALID_ARGUMENT') expect(existsSync(db)).toBe(false);
  });

  it('brings a file from one mode to the other, and back', async () => {
    const db = join(temporaryFolder(), 'han.db');
    for (const mode of ['wal', 'rollback', 'auto']) {
      expect(JSON.parse((await store(mode, db)).stdout)[0]).toBe(1);
    }
    expect(native.getMessageCount(db, 's')).toBe(1);
  });
});

onUnix('every file is for its owner only, whatever the mask of the process', () => {
  const before = process.platform === 'win32' ? 0 : process.umask(0);
  try {
    const db = join(newPlace().dbPath, '../deeper/folder/han.db');
    native.upsertSession(db, { id: 's' });
    const folder = dirname(db);
    for (const name of readdirSync(folder))
      expect([name, statSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o600]);
    for (const made of [folder, dirname(folder)]) expect(statSync(made).mode & 0o777).toBe(0o700);
    expect(thrownBy(() => native.dbInit(folder))).toMatchObject(errorOf('DB_PATH_INVALID', folder));
  } finally {
    process.umask(before);
  }
});
