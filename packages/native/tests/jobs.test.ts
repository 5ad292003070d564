// The machinery of promises, jobs and progress, by means of index runs over a tree that takes some tenths of a second.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { root, run, temporaryFolder } from './processes';

const sessions = 40;
const lines = 1000;
const addon = join(root, 'packages/native/index.js');

/** A config folder with about 50 MB of transcripts, and one with a single line. */
let large: string;
let small: string;

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'han-jobs-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  large = join(folder, 'large');
  small = join(folder, 'small');
  const body = 'some words of a message '.repeat(45);
  const write = (config: string, session: number, count: number) => {
    const project = join(config, 'projects', '-home-ann-ferry');
    mkdirSync(project, { recursive: true });
    const number = String(session).padStart(8, '0');
    const sessionId = `${number}-0000-4000-8000-000000000000`;
    const records = Array.from({ length: count }, (_, line) =>
      JSON.stringify({
        type: 'user',
        uuid: `${number}-0000-4000-9000-${String(line).padStart(12, '0')}`,
        sessionId,
        cwd: '/home/ann/ferry',
        timestamp: new Date(Date.UTC(2026, 10, 1, session, 0, line)).toISOString(),
        message: { role: 'user', content: body },
      }),
    );
    writeFileSync(join(project, `${sessionId}.jsonl`), `${records.join('\n')}\n`);
  };
  for (let session = 0; session < sessions; session += 1) write(large, session, lines);
  write(small, 0, 1);
});

/** A path without a database. */
function newDatabase(): string {
  return join(temporaryFolder(), 'han.db');
}

/** An index run that takes a while. */
function longJob(options: native.IndexOptions = {}, dbPath = newDatabase()) {
  return native.fullScanAndIndexAsync(dbPath, { configDirs: [large], ...options });
}

/** One that takes a moment. */
function shortJob(options: native.IndexOptions = {}, dbPath = newDatabase()) {
  return native.fullScanAndIndexAsync(dbPath, { configDirs: [small], ...options });
}

describe('an error', () => {
  it('rejects a promise with the code and the message with which it is thrown', async () => {
    const dbPath = newDatabase();
    const missing = join(temporaryFolder(), 'missing.jsonl');
    let thrown: unknown;
    try {
      native.indexSessionFile(dbPath, missing);
    } catch (error) {
      thrown = error;
    }
    const rejected = await native.indexSessionFileAsync(dbPath, missing).catch((error: unknown) => error);
    for (const error of [thrown, rejected]) {
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({ code: 'FILE_NOT_FOUND', message: (thrown as Error).message });
    }
    expect((thrown as Error).message).toMatch(/^\[FILE_NOT_FOUND\] read .*missing\.jsonl: /);
  });
});

describe('work on the pool', () => {
  it.runIf(process.platform === 'linux')('runs on threads of ours', async () => {
    await shortJob();
    const names = readdirSync('/proc/self/task').map((id) =>
      readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim(),
    );
    expect(names.filter((name) => /^han-\d$/.test(name)).length).toBeGreaterThan(0);
  });

  it('keeps the process alive until it is settled', async () => {
    const code = `
      require(${JSON.stringify(addon)}).fullScanAndIndexAsync(${JSON.stringify(newDatabase())},
        { configDirs: [${JSON.stringify(large)}], onProgress() {} })
        .then(({ messagesIndexed }) => process.stdout.write(String(messagesIndexed)));`;
    expect(await run(process.execPath, ['--eval', code])).toEqual({
      code: 0,
      stdout: String(sessions * lines),
      stderr: '',
    });
  });

  it('does all that is asked, though more than there are threads', async () => {
    const dbPath = newDatabase();
    native.upsertSession(dbPath, { id: 's' });
    const count = 500;
    native.insertMessagesBatch(
      dbPath,
      's',
      Array.from({ length: count }, (_, line) => ({
        id: `m${line}`,
        messageType: 'user',
        content: `harbour${line}`,
        timestamp: '2026-01-01T00:00:00Z',
        lineNumber: line,
      })),
    );
    const searches = Array.from({ length: count }, (_, line) =>
      native.searchTranscriptsAsync(dbPath, `harbour${line}`),
    );
    const found = (await Promise.all(searches)).map(({ items }) => items.map(({ messageId }) => messageId));
    expect(found).toEqual(Array.from({ length: count }, (_, line) => [`m${line}`]));
  });
});

describe('a job id', () => {
  it('is a new one each time', () => {
    const ids = Array.from({ length: 100 }, () => native.createJobId());
    expect(new Set(ids).size).toBe(100);
    expect(ids.every((id) => Number.isSafeInteger(id) && id > 0)).toBe(true);
  });

  it('belongs to one running job, and is free again once its promise is settled', async () => {
    const jobId = native.createJobId();
    const first = longJob({ jobId });
    await expect(shortJob({ jobId })).rejects.toMatchObject({
      code: 'JOB_DUPLICATE',
      message: `[JOB_DUPLICATE] start a job with jobId = ${jobId}`,
    });
    expect(native.cancelJob(jobId)).toBe(true);
    expect(await first).toMatchObject({ status: 'partial' });
    expect(await shortJob({ jobId })).toMatchObject({ status: 'complete' });
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('is not %d', async (jobId) => {
    await expect(shortJob({ jobId })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(native.cancelJob(jobId)).toBe(false);
  });
});

describe('cancelJob', () => {
  it('ends a job, which says how far it came', async () => {
    const jobId = native.createJobId();
    const report = await longJob({
      jobId,
      onProgress: ({ messages }) => messages > 0 && native.cancelJob(jobId),
    });
    expect(report.status).toBe('partial');
    expect(report.messagesIndexed).toBeGreaterThan(0);
    expect(report.messagesIndexed).toBeLessThan(sessions * lines);
  });

  it('ends a job that still waits for a thread before it begins', async () => {
    const ids = Array.from({ length: 20 }, () => native.createJobId());
    const dbPath = newDatabase();
    native.dbInit(dbPath);
    const jobs = ids.map((jobId) => longJob({ jobId }, dbPath));
    expect(ids.map((id) => native.cancelJob(id))).toEqual(ids.map(() => true));
    const reports = await Promise.all(jobs);
    expect(new Set(reports.map(({ status }) => status))).toEqual(new Set(['partial']));
    // Eight threads at most: the others had not begun.
    expect(reports.filter(({ bytesRead }) => bytesRead === 0).length).toBeGreaterThanOrEqual(12);
  });

  it('is false where no job with this id runs', async () => {
    const jobId = native.createJobId();
    expect(native.cancelJob(jobId)).toBe(false);
    await shortJob({ jobId });
    expect(native.cancelJob(jobId)).toBe(false);
  });
});

describe('onProgress', () => {
  it('is called in order, the last report among the calls, and never after the promise is settled', async () => {
    for (const [job, total] of [
      [shortJob, 1],
      [longJob, sessions * lines],
    ] as const) {
      const seen: native.IndexProgress[] = [];
      let settled = false;
      const report = await job({
        onProgress: (progress) => {
          expect(settled).toBe(false);
          seen.push(progress);
        },
      }).finally(() => {
        settled = true;
      });
      const counts = seen.map(({ messages }) => messages);
      expect(counts).toEqual([...counts].sort((left, right) => left - right));
      expect(seen.at(-1)).toMatchObject({ phase: 'finish', messages: total, bytesDone: report.bytesRead });
      // One per 50 ms, the first at once and the last behind.
      expect(seen.length).toBeLessThanOrEqual(report.durationMs / 50 + 3);
      const calls = seen.length;
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(seen).toHaveLength(calls);
    }
  });

  it('does not hold up the work while the JavaScript thread is busy', async () => {
    const calls: number[] = [];
    const dbPath = newDatabase();
    const job = longJob({ onProgress: ({ messages }) => calls.push(messages) }, dbPath);
    // Until all is stored this thread takes no call; of those that come at most two may wait for it.
    const deadline = Date.now() + 60_000;
    while (native.getArchiveStats(dbPath).messages < sessions * lines && Date.now() < deadline) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    expect(calls).toEqual([]);
    expect(await job).toMatchObject({ status: 'complete', messagesIndexed: sessions * lines });
    expect(calls.length).toBeLessThanOrEqual(3);
    expect(calls.at(-1)).toBe(sessions * lines);
  });

  it('that throws cancels the job and rejects with what it threw', async () => {
    class OwnError extends Error {}
    for (const thrown of [new OwnError('mine'), 'a text', 42, undefined, { some: 'object' }]) {
      let calls = 0;
      const jobId = native.createJobId();
      const job = longJob({
        jobId,
        onProgress: () => {
          calls += 1;
          throw thrown;
        },
      });
      const outcome = await job.then(
        () => 'resolved',
        (reason: unknown) => ({ reason }),
      );
      expect(outcome).toEqual({ reason: thrown });
      expect((outcome as { reason: unknown }).reason).toBe(thrown);
      expect(calls).toBe(1);
      expect(native.cancelJob(jobId)).toBe(false);
    }
  });

  it.each([5, 'text', {}, []])('that is no function (%j) is INVALID_ARGUMENT', async (onProgress) => {
    await expect(shortJob({ onProgress: onProgress as never })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('may start jobs and cancel others', async () => {
    const other = native.createJobId();
    const jobs: Promise<native.IndexReport>[] = [];
    const dbPath = newDatabase();
    await shortJob({
      onProgress: () => {
        if (jobs.length > 0) return;
        jobs.push(longJob({ jobId: other }, dbPath));
        native.cancelJob(other);
      },
    });
    expect(await Promise.all(jobs)).toMatchObject([{ status: 'partial' }]);
  });
});

describe('a worker thread that ends', () => {
  const code = (body: string) => `
    const { parentPort, workerData: { addon, large, db, ids } } = require('node:worker_threads');
    const native = require(addon);
    ${body}
    parentPort.postMessage('started');`;

  async function started(body: string, ids: number[], db: string): Promise<Worker> {
    const worker = new Worker(code(body), { eval: true, workerData: { addon, large, db, ids } });
    await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    return worker;
  }

  it('cancels its jobs, and nothing crashes', async () => {
    const body = `
      const busy = () => { const end = performance.now() + 20; while (performance.now() < end); };
      for (const [index, onProgress] of [busy, () => {}, undefined].entries()) {
        native.fullScanAndIndexAsync(db + index, { configDirs: [large], jobId: ids[index], onProgress });
      }
      native.indexSessionFileAsync(db, 'missing.jsonl').catch(() => {});`;
    for (let round = 0; round < 10; round += 1) {
      const ids = [native.createJobId(), native.createJobId(), native.createJobId()];
      const worker = await started(body, ids, newDatabase());
      await new Promise((resolve) => setTimeout(resolve, (round % 5) * 11));
      expect(
        ids.map((id) => native.cancelJob(id)),
        'they run, and are known in every thread',
      ).toContain(true);
      await worker.terminate();
    }
    expect(await shortJob()).toMatchObject({ status: 'complete' });
  }, 60_000);

  it('ends its jobs without being asked', async () => {
    const ids = Array.from({ length: 16 }, () => native.createJobId());
    const dbPath = newDatabase();
    const body = 'for (const jobId of ids) native.fullScanAndIndexAsync(db, { configDirs: [large], jobId });';
    const worker = await started(body, ids, dbPath);
    await worker.terminate();
    await shortJob();
    expect(
      ids.filter((id) => native.cancelJob(id)).length,
      'at most those that a thread is ending',
    ).toBeLessThan(9);
    await expect.poll(() => ids.filter((id) => native.cancelJob(id)), { timeout: 5000 }).toEqual([]);
    expect(native.getArchiveStats(dbPath).messages).toBeLessThan(sessions * lines);
  });
});

describe('the process', () => {
  it('may exit while jobs run', async () => {
    for (let round = 0; round < 5; round += 1) {
      const folder = temporaryFolder();
      const code = `
        const native = require(${JSON.stringify(addon)});
        for (let job = 0; job < 20; job += 1) {
          native.fullScanAndIndexAsync(job + '.db', { configDirs: [${JSON.stringify(large)}], onProgress() {} });
        }
        setTimeout(() => process.exit(7), 80);`;
      expect(await run(process.execPath, ['--eval', code], { cwd: folder })).toEqual({
        code: 7,
        stdout: '',
        stderr: '',
      });
    }
  }, 60_000);
});
