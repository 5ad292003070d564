// Backup, integrity and repair, sizes, vacuum, checkpoint, export, and transcripts given back, as the addon has them.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import native from '../index.js';
import { temporaryFolder } from './processes';

/** A database with sessions of messages; returns its path. */
function filled(sessions = 2, messages = 50): string {
  const dbPath = join(temporaryFolder(), 'han.db');
  for (let session = 0; session < sessions; session += 1) {
    native.upsertSession(dbPath, { id: `s${session}` });
    native.insertMessagesBatch(
      dbPath,
      `s${session}`,
      Array.from({ length: messages }, (_, line) => ({
        id: `s${session}-${line}`,
        messageType: 'user',
        role: 'user',
        content: `zebra ${line} of the ferry, and some more words`,
        timestamp: new Date(Date.UTC(2026, 10, 20, 12, 0, line)).toISOString(),
        lineNumber: line,
        rawJson: '{}',
      })),
    );
  }
  return dbPath;
}

/** All lines of an export. */
async function exported(
  dbPath: string,
  tables?: string[],
): Promise<{ table: string; row: Record<string, unknown> }[]> {
  const id = native.openDatabaseExport(dbPath, tables);
  let text = '';
  for (;;) {
    const chunk = await native.readDatabaseExport(id);
    if (chunk === null) break;
    text += chunk.bytes.toString();
  }
  native.closeDatabaseExport(id);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

describe('a backup', () => {
  it('is a database of its own, for its owner only', async () => {
    const dbPath = filled();
    const folder = temporaryFolder();
    const target = join(folder, 'copy.db');
    const phases = new Set<string>();
    const report = await native.backupDatabaseAsync(dbPath, target, {
      onProgress: ({ phase, done, total }) => {
        phases.add(phase);
        expect(done).toBeLessThanOrEqual(total);
      },
    });
    expect(report).toMatchObject({ path: target, verified: true, bytes: statSync(target).size });
    expect(report.rows).toBeGreaterThan(100);
    expect([...phases]).not.toEqual([]);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['copy.db']);
    expect(native.listSessionMessages(target, 's1')).toEqual(native.listSessionMessages(dbPath, 's1'));
  });

  it('writes over nothing unasked', async () => {
    const dbPath = filled(1, 1);
    const target = join(temporaryFolder(), 'copy.db');
    writeFileSync(target, 'mine');
    await expect(native.backupDatabaseAsync(dbPath, target)).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    expect(readFileSync(target, 'utf8')).toBe('mine');
    await native.backupDatabaseAsync(dbPath, target, { overwrite: true });
    expect(native.getSession(target, 's0')).toMatchObject({ id: 's0' });
    await expect(native.backupDatabaseAsync(dbPath, dbPath, { overwrite: true })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(native.backupDatabaseAsync(dbPath, '')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('that is cancelled leaves nothing', async () => {
    const dbPath = filled(2, 3000);
    const folder = temporaryFolder();
    const jobId = native.createJobId();
    const running = native.backupDatabaseAsync(dbPath, join(folder, 'copy.db'), { jobId });
    native.cancelJob(jobId);
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('ends with what its listener throws', async () => {
    const thrown = new Error('enough');
    const running = native.backupDatabaseAsync(filled(2, 2000), join(temporaryFolder(), 'copy.db'), {
      onProgress: () => {
        throw thrown;
      },
    });
    await expect(running).rejects.toBe(thrown);
  });
});

describe('a check', () => {
  it('tells its parts', async () => {
    const report = await native.checkIntegrityAsync(filled());
    expect(report).toMatchObject({ status: 'complete', ok: true, longestWriteLockMs: 0 });
    expect(report.parts.map(({ name, ok }) => [name, ok])).toEqual([
      ['tables', true],
      ['references', true],
      ['counters', true],
      ['search index messages_fts', true],
      ['search index generated_summaries_fts', true],
    ]);
    expect(await native.checkIntegrityAsync(filled(), { quick: true, repair: true })).toMatchObject({
      ok: true,
    });
  });

  it('keeps its older form', async () => {
    expect(await native.checkDatabaseAsync(filled())).toStrictEqual({
      ok: true,
      schemaVersion: expect.any(Number),
      problems: [],
    });
  });
});

describe('figures', () => {
  it('are those of the file', async () => {
    const dbPath = filled();
    const stats = native.getDatabaseStats(dbPath);
    expect(stats).toMatchObject({ path: dbPath, journalMode: 'wal', fileBytes: statSync(dbPath).size });
    const { sizes, database } = await native.getDatabaseSizesAsync(dbPath);
    const pages = sizes.reduce((sum, size) => sum + size.pages, 0);
    expect(pages + database.freePages).toBe(database.pages);
    expect(sizes.find(({ name }) => name === 'messages')).toMatchObject({ kind: 'table', rows: 100 });
  });

  it('shrink with a vacuum, and the log with a checkpoint', async () => {
    const dbPath = filled();
    const report = await native.vacuumDatabaseAsync(dbPath);
    expect(report).toMatchObject({ shrunk: true, freePagesAfter: 0 });
    expect(native.searchMessages(dbPath, 'zebra')).not.toEqual([]);
    native.upsertSession(dbPath, { id: 'late' });
    const moved = await native.checkpointDatabaseAsync(dbPath, 'truncate');
    expect(moved).toMatchObject({ complete: true, walBytesAfter: 0 });
    expect(moved.framesMoved).toBeGreaterThan(0);
    await expect(native.checkpointDatabaseAsync(dbPath, 'full' as 'passive')).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});

describe('an export', () => {
  it('has every row', async () => {
    const lines = await exported(filled(), ['sessions', 'messages']);
    expect(lines.filter(({ table }) => table === 'messages')).toHaveLength(100);
    expect(lines.filter(({ table }) => table === 'sessions').map(({ row }) => row['id'])).toEqual([
      's0',
      's1',
    ]);
    expect((await exported(filled())).length).toBeGreaterThan(lines.length);
  });

  it('refuses a table that does not exist, and a number that is none of its own', async () => {
    expect(() => native.openDatabaseExport(filled(), ['no"thing'])).toThrow(/INVALID_ARGUMENT.*no\\"thing/);
    await expect(native.readDatabaseExport(123_456)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    native.closeDatabaseExport(123_456);
  });

  it('ends when it is closed', async () => {
    const dbPath = filled(2, 3000);
    const id = native.openDatabaseExport(dbPath);
    expect(await native.readDatabaseExport(id)).not.toBeNull();
    native.closeDatabaseExport(id);
    await expect(native.readDatabaseExport(id)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    // The state that it read is let go, so that the log can be emptied.
    await expect
      .poll(async () => (await native.checkpointDatabaseAsync(dbPath, 'truncate')).complete)
      .toBe(true);
  });
});

describe('transcripts', () => {
  it('come back byte for byte when their files are gone', async () => {
    const folder = temporaryFolder();
    const config = join(folder, 'config');
    const project = join(config, 'projects', '-home-ann');
    mkdirSync(project, { recursive: true });
    const sessionId = '11111111-0000-4000-8000-000000000001';
    const record = {
      type: 'user',
      uuid: 'u',
      sessionId,
      timestamp: '2026-11-20T12:00:00Z',
      message: { role: 'user', content: 'ahoy' },
    };
    const bytes = `${JSON.stringify(record)}\nbroken\r\n\n`;
    writeFileSync(join(project, `${sessionId}.jsonl`), bytes);
    const dbPath = join(folder, 'han.db');
    await native.fullScanAndIndexAsync(dbPath, { configDirs: [config] });
    const target = join(folder, 'back');
    expect(await native.restoreTranscriptsAsync(dbPath, target, { onlyMissing: true })).toMatchObject({
      transcripts: [],
    });
    const report = await native.restoreTranscriptsAsync(dbPath, target, { sessionIds: [sessionId] });
    expect(report).toMatchObject({ status: 'complete', filesRestored: 1, filesFailed: 0 });
    const [transcript] = report.transcripts;
    expect(transcript?.restoredPath).toBe(join(target, 'projects', '-home-ann', `${sessionId}.jsonl`));
    expect(readFileSync(transcript?.restoredPath ?? '', 'utf8')).toBe(bytes);
    const again = await native.restoreTranscriptsAsync(dbPath, target);
    expect(again).toMatchObject({ filesRestored: 0, filesUnchanged: 1 });
    await expect(
      native.restoreTranscriptsAsync(dbPath, target, { sessionIds: ['nobody'] }),
    ).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' });
    await expect(native.restoreTranscriptsAsync(dbPath, '')).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    expect(existsSync(join(folder, 'etc'))).toBe(false);
  });
});
