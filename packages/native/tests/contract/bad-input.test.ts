// Input that is wrong: each kind has its code, and nothing else is lost.
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../../index.js';
import {
  errorOf,
  lineId,
  newPlace,
  type Place,
  record,
  sessionId,
  thrownBy,
  transcript,
  write,
} from './transcripts';

const posix = process.platform !== 'win32';
/** Permissions mean nothing to root. */
const obeysPermissions = posix && process.getuid?.() !== 0;

let place: Place;
let db: string;
beforeEach(() => {
  place = newPlace();
  db = place.dbPath;
});

/** Both forms of indexing one file fail with this code. */
async function expectFileError(file: string, code: string) {
  expect(thrownBy(() => native.indexSessionFile(db, file))).toMatchObject(errorOf(code));
  await expect(native.indexSessionFileAsync(db, file)).rejects.toMatchObject(errorOf(code));
}

describe('a transcript', () => {
  it('that is missing is FILE_NOT_FOUND, and leaves no trace', async () => {
    await expectFileError(place.file(), 'FILE_NOT_FOUND');
    expect(native.listSessions(db)).toEqual([]);
  });

  it('that is a folder is NOT_A_FILE', async () => {
    mkdirSync(place.file(), { recursive: true });
    await expectFileError(place.file(), 'NOT_A_FILE');
  });

  it.runIf(obeysPermissions)('that may not be read is FILE_UNREADABLE', async () => {
    chmodSync(write(place.file(), transcript(1)), 0);
    await expectFileError(place.file(), 'FILE_UNREADABLE');
    chmodSync(place.file(), 0o600);
    expect(native.indexSessionFile(db, place.file())).toMatchObject({ messagesIndexed: 1 });
  });

  it('with NUL in its path is refused', () => {
    expect(thrownBy(() => native.indexSessionFile(db, `${place.folder}/a\0b.jsonl`))).toMatchObject(
      errorOf('IO_FAILED'),
    );
    expect(thrownBy(() => native.listSessionFiles(`${place.folder}/a\0b`))).toMatchObject(
      errorOf('IO_FAILED'),
    );
    expect(native.indexProjectDirectory(db, `${place.folder}/a\0b`)).toEqual([]);
  });

  it.each(['', '\n', '\n\n\n'])('of %j has no messages', (text) => {
    expect(native.indexSessionFile(db, write(place.file(), text))).toMatchObject({
      messagesIndexed: 0,
      totalMessages: 0,
      brokenLines: 0,
    });
    expect(native.indexSessionFile(db, write(place.file(), transcript(2)))).toMatchObject({
      messagesIndexed: 2,
    });
  });

  it('that ends inside a line is read up to there, and on once the line is whole', () => {
    const text = transcript(3);
    for (const cut of [text.length - 1, text.length - 40, text.length - 80]) {
      const { dbPath, file } = newPlace();
      write(file(), text.slice(0, cut));
      const first = native.indexSessionFile(dbPath, file());
      expect([2, 3], String(cut)).toContain(first.messagesIndexed);
      expect(first.brokenLines).toBe(0);
      write(file(), text);
      native.indexSessionFile(dbPath, file());
      expect(native.listSessionMessages(dbPath, sessionId()).map(({ id }) => id)).toEqual(
        [2, 1, 0].map((line) => lineId(line)),
      );
      expect(native.getLastIndexedLine(dbPath, sessionId())).toBe(2);
      expect(native.listBrokenLines(dbPath)).toEqual([]);
    }
  });

  it.each([
    ['LINE_NOT_JSON', Buffer.from('{"type":"user", oops}')],
    ['LINE_NOT_JSON', Buffer.from('\0\0\0')],
    ['LINE_NOT_RECORD', Buffer.from('[1,2,3]')],
    ['LINE_NOT_RECORD', Buffer.from('{"no":"type"}')],
    ['LINE_NOT_JSON', Buffer.from([0xff, 0xfe, 0x00])],
  ])('with a line that is %s loses only that line', (code, line) => {
    const [before, after] = [record(0), record(1)].map((one) => Buffer.from(`${JSON.stringify(one)}\n`));
    write(place.file(), Buffer.concat([before as Buffer, line, Buffer.from('\n'), after as Buffer]));
    expect(native.indexSessionFile(db, place.file())).toMatchObject({ messagesIndexed: 2, brokenLines: 1 });
    expect(native.listBrokenLines(db)).toMatchObject([
      { reason: code, filePath: place.file(), lineNumber: 1 },
    ]);
    expect(native.getMessage(db, lineId(1))).toMatchObject({ lineNumber: 2, content: 'text 1' });
    // Once: nothing is read again, nothing is told again.
    native.indexSessionFile(db, place.file());
    expect(native.listBrokenLines(db)).toHaveLength(1);
  });

  it('with bytes that are no UTF-8 keeps the message, with replacement characters', () => {
    const [head, tail] = JSON.stringify(record(0, 'caf#e')).split('#');
    write(
      place.file(),
      Buffer.concat([Buffer.from(`${head}`), Buffer.from([0xe9]), Buffer.from(`${tail}\n`)]),
    );
    expect(native.indexSessionFile(db, place.file())).toMatchObject({ messagesIndexed: 1, brokenLines: 1 });
    expect(native.getMessage(db, lineId(0))?.content).toBe('caf\ufffde');
    expect(native.listBrokenLines(db)).toMatchObject([{ reason: 'LINE_INVALID_UTF8', lineNumber: 0 }]);
  });

  it('among good ones is a result of its own', async () => {
    write(place.file(1), transcript(3, 1));
    mkdirSync(place.file(2));
    write(place.file(3), '');
    write(join(place.projectDir, 'notes.jsonl'), 'no json\n');
    write(place.file(4), transcript(2, 4));
    if (posix) symlinkSync(join(place.folder, 'nowhere'), place.file(5));
    if (obeysPermissions) chmodSync(write(place.file(6), transcript(1, 6)), 0);
    const results = native.indexProjectDirectory(db, place.projectDir);
    const stored = results
      .filter(({ error }) => error === undefined)
      .filter(({ messagesIndexed }) => messagesIndexed > 0);
    expect(stored.map((result) => [result.sessionId, result.messagesIndexed]).sort()).toEqual([
      [sessionId(1), 3],
      [sessionId(4), 2],
    ]);
    for (const { error } of results.filter((result) => result.error !== undefined)) {
      expect(error).toMatch(/^\[[A-Z_]+\] /);
    }
    const report = await native.indexProjectDirectoryAsync(db, place.projectDir);
    expect(report).toMatchObject({ status: 'complete', messagesIndexed: 0 });
  });
});

describe('a project folder', () => {
  it('that is none rejects in the asynchronous form', async () => {
    const file = write(place.file(), transcript(1));
    await expect(native.indexProjectDirectoryAsync(db, file)).rejects.toMatchObject(
      errorOf('NOT_A_DIRECTORY'),
    );
    await expect(native.indexProjectDirectoryAsync(db, join(place.folder, 'nowhere'))).rejects.toMatchObject(
      errorOf('FILE_NOT_FOUND'),
    );
  });
});

it.runIf(obeysPermissions)(
  'a folder of a project that may not be read does not keep the others from being indexed',
  async () => {
    write(place.file(1), transcript(3));
    const closed = join(place.configDir, 'projects', '-closed');
    mkdirSync(closed);
    chmodSync(closed, 0);
    expect(thrownBy(() => native.listSessionFiles(closed))).toMatchObject(errorOf('FILE_UNREADABLE'));
    const report = await native.fullScanAndIndexAsync(db, { configDirs: [place.configDir] });
    chmodSync(closed, 0o700);
    expect(report).toMatchObject({ status: 'complete', messagesIndexed: 3, filesFailed: 1 });
    expect(report.results).toContainEqual(
      expect.objectContaining({ filePath: closed, error: expect.stringContaining('FILE_UNREADABLE') }),
    );
  },
);

/** Every kind of call on this path fails with this code, and the file is as it was. */
async function expectDatabaseError(dbPath: string, code: string) {
  const isFile = existsSync(dbPath) && !dbPath.endsWith('folder.db');
  const before = isFile ? readFileSync(dbPath) : undefined;
  const file = write(place.file(), transcript(1));
  const calls: (() => unknown)[] = [
    () => native.dbInit(dbPath),
    () => native.listSessions(dbPath),
    () => native.upsertRepo(dbPath, { remote: 'r', name: 'r' }),
    () => native.searchMessages(dbPath, 'x'),
    () => native.indexSessionFile(dbPath, file),
    () => native.fullScanAndIndex(dbPath),
  ];
  for (const call of calls) expect(thrownBy(call)).toMatchObject(errorOf(code));
  const promises = [
    native.searchTranscriptsAsync(dbPath, 'x'),
    native.getArchiveStatsAsync(dbPath),
    native.checkDatabaseAsync(dbPath),
    native.indexSessionFileAsync(dbPath, file),
    native.indexProjectDirectoryAsync(dbPath, place.projectDir),
    native.fullScanAndIndexAsync(dbPath, { configDirs: [place.configDir] }),
  ];
  for (const promise of await Promise.allSettled(promises)) {
    expect(promise).toMatchObject({ status: 'rejected', reason: errorOf(code) });
  }
  if (before) expect(readFileSync(dbPath).equals(before)).toBe(true);
  // A database that is all right is not harmed.
  expect(native.dbInit(db)).toBe(true);
}

describe('a database path', () => {
  /** A copy of a valid database; `patch` writes numbers into its header. */
  function copy(name: string, patch: [offset: number, value: number][] = []): string {
    native.upsertRepo(db, { remote: 'r', name: 'r' });
    // Writes until SQLite moves what is in the write-ahead log to the file.
    for (let round = 0; !readFileSync(db).includes('readable_from'); round += 1) {
      expect(round).toBeLessThan(20);
      native.upsertSession(db, { id: 's', slug: `${round} filling `.repeat(500_000) });
    }
    const closed = write(join(place.folder, name), readFileSync(db));
    const handle = openSync(closed, 'r+');
    for (const [offset, value] of patch) {
      const number = Buffer.alloc(4);
      number.writeInt32BE(value);
      writeSync(handle, number, 0, 4, offset);
    }
    closeSync(handle);
    return closed;
  }

  const userVersion = 60;
  const applicationId = 68;

  it('that is empty is DB_PATH_INVALID', () => expectDatabaseError('', 'DB_PATH_INVALID'));

  it('with NUL in it is DB_PATH_INVALID', () =>
    expectDatabaseError(join(place.folder, 'a\0b.db'), 'DB_PATH_INVALID'));

  it('that is a folder is DB_PATH_INVALID', () => {
    const folder = join(place.folder, 'folder.db');
    mkdirSync(folder);
    return expectDatabaseError(folder, 'DB_PATH_INVALID');
  });

  it('below a file is DB_PATH_INVALID', () =>
    expectDatabaseError(join(write(join(place.folder, 'file'), 'x'), 'han.db'), 'DB_PATH_INVALID'));

  it('of another file is DB_NOT_A_DATABASE', async () => {
    await expectDatabaseError(
      write(join(place.folder, 'notes.txt'), 'notes\n'.repeat(500)),
      'DB_NOT_A_DATABASE',
    );
    await expectDatabaseError(write(join(place.folder, 'zeros'), Buffer.alloc(8192, 1)), 'DB_NOT_A_DATABASE');
  });

  it('of a database of another program is DB_FOREIGN', () =>
    expectDatabaseError(copy('foreign.db', [[applicationId, 0x12345678]]), 'DB_FOREIGN'));

  it('of a newer schema that does not say who can read it is DB_TOO_NEW', async () => {
    const file = copy('newer.db', [[userVersion, 1_000_000]]);
    // Ours say that any version may read them; a newer one that cannot be read says otherwise.
    const bytes = readFileSync(file);
    const key = bytes.lastIndexOf('readable_from');
    expect(key).toBeGreaterThan(0);
    bytes.write('readable_frOm', key);
    writeFileSync(file, bytes);
    await expectDatabaseError(file, 'DB_TOO_NEW');
  });

  it('of a newer schema that says we can read it is opened', () => {
    const file = copy('readable.db', [[userVersion, 1_000_000]]);
    expect(native.listRepos(file)).toMatchObject([{ remote: 'r' }]);
  });

  it('of a schema version below zero is DB_CORRUPT', () =>
    expectDatabaseError(copy('negative.db', [[userVersion, -1]]), 'DB_CORRUPT'));

  it.runIf(obeysPermissions)('that may not be written is DB_READ_ONLY', async () => {
    const file = copy('read-only.db');
    chmodSync(file, 0o400);
    await expectDatabaseError(file, 'DB_READ_ONLY');
    const folder = join(place.folder, 'closed');
    mkdirSync(folder, { mode: 0o500 });
    await expectDatabaseError(join(folder, 'han.db'), 'DB_READ_ONLY');
    chmodSync(folder, 0o700);
  });

  it('that may be used again once the fault is gone', () => {
    const file = write(join(place.folder, 'han.db'), 'notes\n'.repeat(500));
    expect(thrownBy(() => native.dbInit(file))).toMatchObject(errorOf('DB_NOT_A_DATABASE'));
    writeFileSync(file, '');
    expect(native.listRepos(file)).toEqual([]);
  });
});
