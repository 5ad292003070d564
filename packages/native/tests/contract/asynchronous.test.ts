// The asynchronous twins of the index functions, worker threads, and several processes on one database.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../../index.js';
import { root, run } from '../processes';
import { lineId, newPlace, type Place, record, sessionId, transcript, write } from './transcripts';

const addon = join(root, 'packages/native/index.js');

let place: Place;
let db: string;
beforeEach(() => {
  place = newPlace();
  db = place.dbPath;
});

/** Writes the transcripts of `sessions` sessions with `lines` lines each; returns their bytes. */
function writeSessions(sessions: number, lines: number): number {
  let bytes = 0;
  for (let session = 1; session <= sessions; session += 1) {
    const text = transcript(lines, session);
    write(place.file(session), text);
    bytes += Buffer.byteLength(text);
  }
  return bytes;
}

/** All messages of all sessions, without the times of indexing: what two ways of indexing must have in common. */
function everything(dbPath: string) {
  return native
    .listSessions(dbPath, null, null, 10_000)
    .map(({ id }) => id)
    .sort()
    .map((id) => [id, native.listSessionMessages(dbPath, id).map(({ indexedAt: _, ...message }) => message)]);
}

describe('the twins', () => {
  it('store what the synchronous functions store, and report on the whole', async () => {
    const bytes = writeSessions(3, 20);
    const other = newPlace();
    const report = await native.indexProjectDirectoryAsync(db, place.projectDir);
    expect(report).toStrictEqual({
      status: 'complete',
      results: expect.any(Array),
      filesSeen: 3,
      filesIndexed: 3,
      filesUnchanged: 0,
      filesFailed: 0,
      bytesRead: bytes,
      sessions: 3,
      messagesIndexed: 60,
      brokenLines: 0,
      durationMs: expect.any(Number),
      counters: {
        bytesRead: bytes,
        linesRead: 60,
        rowsWritten: expect.any(Number),
        bytesWritten: expect.any(Number),
        statements: expect.any(Number),
        transactions: expect.any(Number),
      },
    });
    for (const [counter, count] of Object.entries(report.counters)) {
      expect(count, counter).toBeGreaterThan(0);
    }
    expect(native.indexProjectDirectory(other.dbPath, place.projectDir)).toStrictEqual(report.results);
    expect(everything(other.dbPath)).toStrictEqual(everything(db));

    expect(await native.indexSessionFileAsync(db, place.file(1))).toMatchObject({
      status: 'complete',
      results: [],
      filesSeen: 1,
      filesIndexed: 0,
      filesUnchanged: 1,
      counters: {
        bytesRead: 0,
        linesRead: 0,
        rowsWritten: 0,
        bytesWritten: 0,
        statements: 0,
        transactions: 0,
      },
    });
    appendFileSync(place.file(2), `${JSON.stringify(record(20, undefined, 2))}\n`);
    expect(await native.fullScanAndIndexAsync(db, { configDirs: [place.configDir] })).toMatchObject({
      results: [{ sessionId: sessionId(2), messagesIndexed: 1, totalMessages: 21, isNewSession: false }],
      filesSeen: 3,
      filesIndexed: 1,
      filesUnchanged: 2,
      messagesIndexed: 1,
    });
  });

  it('leave the thread free while they work', async () => {
    writeSessions(30, 200);
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    });
    await native.indexProjectDirectoryAsync(db, place.projectDir);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });

  it('tell how far they are, the end included, and never more than there is', async () => {
    const bytes = writeSessions(10, 100);
    const seen: native.IndexProgress[] = [];
    await native.fullScanAndIndexAsync(db, {
      configDirs: [place.configDir],
      onProgress: (progress) => seen.push(progress),
    });
    const last = seen.at(-1);
    expect(last).toStrictEqual({
      phase: 'finish',
      filesTotal: 10,
      filesDone: 10,
      bytesTotal: bytes,
      bytesDone: bytes,
      messages: 1000,
      elapsedMs: expect.any(Number),
      bytesPerSecond: expect.any(Number),
    });
    expect(last?.bytesPerSecond).toBeCloseTo((bytes * 1000) / (last?.elapsedMs ?? 0), 3);
    for (const [index, progress] of seen.entries()) {
      const before = seen[index - 1] ?? progress;
      expect(progress.filesDone).toBeLessThanOrEqual(progress.filesTotal);
      expect(progress.bytesDone).toBeLessThanOrEqual(progress.bytesTotal);
      for (const field of ['filesDone', 'bytesDone', 'messages', 'elapsedMs'] as const) {
        expect(progress[field]).toBeGreaterThanOrEqual(before[field]);
      }
    }
  });

  it('that are cancelled keep what is done, say so, and are completed by the next run', async () => {
    const [sessions, lines] = [200, 500];
    writeSessions(sessions, lines);
    const jobId = native.createJobId();
    const report = await native.fullScanAndIndexAsync(db, {
      configDirs: [place.configDir],
      jobId,
      onProgress: ({ messages }) => messages > 0 && native.cancelJob(jobId),
    });
    expect(report.status).toBe('partial');
    expect(report.messagesIndexed).toBeGreaterThan(0);
    expect(report.messagesIndexed).toBeLessThan(sessions * lines);
    const { messages: kept } = await native.getArchiveStatsAsync(db);
    expect(kept).toBe(report.messagesIndexed);

    const rest = await native.fullScanAndIndexAsync(db, { configDirs: [place.configDir], jobId });
    expect(rest).toMatchObject({ status: 'complete', messagesIndexed: sessions * lines - kept });
    const { messages, sessions: found } = await native.getArchiveStatsAsync(db);
    expect({ messages, found }).toEqual({ messages: sessions * lines, found: sessions });
    expect(await native.checkDatabaseAsync(db)).toMatchObject({ ok: true, problems: [] });
  });
});

describe('the forms that do not block', () => {
  // Those of the index functions are tested above, those of the JSONL functions in `jsonl.test.ts`, what removes rows,
  // which are there only once, in `truncate.test.ts`, and what writes rows with ids and times, which are others each time,
  // in `batches.test.ts`. Those of git and of texts have no database: `git.test.ts`,
  // `file-operations.test.ts`, `hash.test.ts`, `manifest.test.ts`, `glob.test.ts`.
  const others =
    /index|^jsonl|^truncate|^extract|git|^(create|record|upsert)|hash|manifest|^hasChanges|glob|markers/i;
  const pairs = Object.keys(native).filter((name) => `${name}Async` in native && !others.test(name));

  it('exist beside what may take long', () => {
    expect(pairs).toEqual(
      expect.arrayContaining(['dbInit', 'insertMessagesBatch', 'listMessagesPage', 'searchTranscripts']),
    );
  });

  it.each(pairs)('of %s answers and fails as the other does', async (name) => {
    const functions = native as unknown as Record<string, (...values: unknown[]) => unknown>;
    const both = async (...values: unknown[]) => {
      const outcome = async (call: () => unknown) => {
        try {
          return await call();
        } catch (error) {
          return { code: (error as native.ErrorCodeInfo).code, message: (error as Error).message };
        }
      };
      const plain = await outcome(() => functions[name]?.(...values));
      expect(await outcome(() => functions[`${name}Async`]?.(...values))).toStrictEqual(plain);
      return plain;
    };
    native.indexSessionFile(db, write(place.file(), transcript(6)));
    const message = { id: 'm', messageType: 'user', timestamp: '2026-01-01T00:00:00Z', lineNumber: 0 };
    native.ftsIndex(db, 'store', [{ id: 'd', content: 'text' }]);
    native.vectorIndex(db, 'store', [{ id: 'd', content: 'text', vector: [1, 0] }]);
    const further: Record<string, unknown[]> = {
      deleteStaleValidations: [sessionId(), 'plugin', 'hook', '/folder', ['/file']],
      dropDocumentStore: ['another store'],
      ftsDelete: ['store', ['nothing']],
      ftsSearch: ['store', 'text', 3],
      getMessagesBatch: [['nothing']],
      getSessionsBatch: [[sessionId(), 'nobody']],
      getTasksBatch: [['nothing']],
      queryActivityAggregates: ['2020-01-01'],
      queryDashboardAggregates: ['2020-01-01T00:00:00Z'],
      vectorDelete: ['store', ['nothing']],
      vectorSearch: ['store', [1, 1], 3],
      getMessageCountsBatch: [[sessionId(), 'nobody']],
      getSessionTimestampsBatch: [[sessionId(), 'nobody']],
      insertMessagesBatch: [sessionId(), [message]],
      listMessagesPage: [sessionId(), { limit: 2, order: 'newest', cursor: null }],
      listSessionMessages: [sessionId(), 'user', null, 2, 1],
      searchGeneratedSummariesPage: ['text', { limit: 3, cursor: null }],
      searchMessages: ['text', sessionId(), 3],
      searchTranscripts: ['text', { limit: 3, speaker: null }],
    };
    expect(await both(db, ...(further[name] ?? []))).not.toHaveProperty('code');
    expect(await both('', ...(further[name] ?? []))).toMatchObject({ code: 'DB_PATH_INVALID' });
  });
});

/** Waits for the message of a worker, and for its end. */
function answerOf(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let answer: unknown;
    worker.once('message', (message) => {
      answer = message;
    });
    worker.once('error', reject);
    worker.once('exit', () => resolve(answer));
  });
}

describe('worker threads', () => {
  it('share the databases and the index with each other', async () => {
    writeSessions(8, 50);
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      const native = require(workerData.addon);
      (async () => {
        const report = await native.indexProjectDirectoryAsync(workerData.db, workerData.projectDir);
        const found = native.searchMessages(workerData.db, 'text', null, 1000).length;
        parentPort.postMessage([report.status, report.messagesIndexed, found]);
      })();`;
    const workerData = { addon, db, projectDir: place.projectDir };
    const workers = Array.from({ length: 4 }, () => new Worker(code, { eval: true, workerData }));
    const answers = (await Promise.all(workers.map(answerOf))) as [string, number, number][];
    expect(answers.map(([status, , found]) => [status, found])).toEqual(Array(4).fill(['complete', 400]));
    expect(answers.reduce((sum, [, indexed]) => sum + indexed, 0)).toBe(400);
    expect(native.getMessageCount(db, sessionId(8))).toBe(50);
  });

  it('read and write at once without an error', async () => {
    native.upsertSession(db, { id: 's' });
    const code = `
      const { parentPort, workerData: { addon, db, name } } = require('node:worker_threads');
      const native = require(addon);
      let seen = 0;
      for (let line = 0; line < 100; line += 1) {
        native.insertMessagesBatch(db, 's', [
          { id: name + line, messageType: 'user', content: 'harbour', timestamp: '2026-01-01T00:00:00Z', lineNumber: line },
        ]);
        const count = native.getMessageCount(db, 's');
        if (count < seen || native.searchMessages(db, 'harbour', 's', 1).length !== 1) throw new Error('lost');
        seen = count;
      }
      parentPort.postMessage(seen);`;
    const workers = ['a', 'b', 'c'].map(
      (name) => new Worker(code, { eval: true, workerData: { addon, db, name } }),
    );
    const counts = (await Promise.all(workers.map(answerOf))) as number[];
    expect(Math.max(...counts)).toBe(300);
    expect(native.searchMessages(db, 'harbour', 's', 1000)).toHaveLength(300);
  });
});

describe('processes', () => {
  it('that index the same files at once store every line once', async () => {
    const [sessions, lines] = [60, 100];
    writeSessions(sessions, lines);
    const code = `
      const native = require(${JSON.stringify(addon)});
      native.fullScanAndIndexAsync(${JSON.stringify(db)}, { configDirs: [${JSON.stringify(place.configDir)}] })
        .then(({ status, filesFailed, messagesIndexed }) =>
          process.stdout.write(JSON.stringify({ status, filesFailed, messagesIndexed })));`;
    const ended = await Promise.all([1, 2, 3].map(() => run(process.execPath, ['--eval', code])));
    for (const { code: exit, stderr } of ended) expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const reports = ended.map(({ stdout }) => JSON.parse(stdout) as native.IndexReport);
    for (const report of reports) expect(report).toMatchObject({ status: 'complete', filesFailed: 0 });
    expect(reports.reduce((sum, { messagesIndexed }) => sum + messagesIndexed, 0)).toBe(sessions * lines);
    const stats = native.getArchiveStats(db);
    expect(stats).toMatchObject({ sessions, messages: sessions * lines, files: sessions, projects: 1 });
    expect(await native.checkDatabaseAsync(db)).toMatchObject({ ok: true, problems: [] });
  });

  it('may be killed at any time: the next one completes what they began', async () => {
    const [sessions, lines] = [60, 100];
    writeSessions(sessions, lines);
    const code = `
      const native = require(${JSON.stringify(addon)});
      const { writeSync } = require('node:fs');
      native.fullScanAndIndexAsync(${JSON.stringify(db)}, {
        configDirs: [${JSON.stringify(place.configDir)}],
        onProgress: ({ messages }) => messages > 0 && process.kill(process.pid, 'SIGKILL'),
      }).then(() => writeSync(1, 'complete'));`;
    await run(process.execPath, ['--eval', code]);
    await native.fullScanAndIndexAsync(db, { configDirs: [place.configDir] });
    expect(native.getArchiveStats(db)).toMatchObject({ sessions, messages: sessions * lines });
    expect(native.getMessage(db, lineId(99, 60))).toMatchObject({ content: 'text 99' });
    expect(await native.checkDatabaseAsync(db)).toMatchObject({ ok: true, problems: [] });
  });
});
