// The machinery of promises, jobs and progress, by means of an addon that is built with the feature `selftest`: only
// there do functions wait, count, fail and panic as asked.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, it } from 'vitest';
import type { cancelJob, createJobId, listErrorCodes } from '../index.js';
import { root, run, temporaryFolder } from './processes';

interface CountReport {
  status: 'complete' | 'partial';
  done: number;
  thread: string;
  /** Milliseconds spent in reports. */
  reportMs: number;
}

interface CountOptions {
  jobId?: unknown;
  onProgress?: unknown;
  /** Milliseconds of each step. */
  stepMs?: number;
}

interface SelftestAddon {
  cancelJob: typeof cancelJob;
  createJobId: typeof createJobId;
  listErrorCodes: typeof listErrorCodes;
  selftestCount(steps: number, options?: CountOptions | null): Promise<CountReport>;
  selftestThrow(code: string): never;
  selftestReject(code: string): Promise<never>;
}

/** More steps than any test waits for. */
const ENDLESS = 1e9;

let file: string;
let addon: SelftestAddon;

beforeAll(async () => {
  // The profile of `cargo test`, so that what that has compiled is not compiled again.
  const args = ['build', '--profile', 'test', '--package', 'han-napi', '--features', 'selftest', '--locked'];
  const { code, stdout, stderr } = await run('cargo', [...args, '--message-format=json-render-diagnostics']);
  expect(code, stderr).toBe(0);
  const artifact = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
    .findLast(({ reason, target }) => reason === 'compiler-artifact' && target.name === 'han_napi');
  file = artifact.filenames.find((name: string) => /\.(so|dylib|dll)$/.test(name));
  addon = load(file);
}, 900_000);

function load(name: string): SelftestAddon {
  const holder = { exports: {} };
  process.dlopen(holder as NodeJS.Module, name);
  return holder.exports as SelftestAddon;
}

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('an error', () => {
  it('is thrown with its code and its chain of causes', () => {
    for (const { code } of addon.listErrorCodes()) {
      const error = thrownBy(() => addon.selftestThrow(code));
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({ code, message: `[${code}] fail as asked: the cause` });
    }
  });

  it('rejects a promise with the same code and message', async () => {
    for (const { code } of addon.listErrorCodes()) {
      const error = await addon.selftestReject(code).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({ code, message: `[${code}] fail as asked: the cause` });
    }
  });
});

describe('a panic', () => {
  const internal = {
    code: 'INTERNAL',
    message: expect.stringMatching(/^\[INTERNAL\] panic at .+selftest\.rs:\d+:\d+: as asked$/),
  };

  it('is thrown as INTERNAL, and the next call works', () => {
    expect(thrownBy(() => addon.selftestThrow('panic'))).toMatchObject(internal);
    expect(addon.createJobId()).toBeGreaterThan(0);
  });

  it('rejects as INTERNAL, however often, and the pool goes on', async () => {
    for (let round = 0; round < 20; round += 1) {
      await expect(addon.selftestReject('panic')).rejects.toMatchObject(internal);
    }
    expect(await addon.selftestCount(1)).toMatchObject({ status: 'complete', done: 1 });
  });

  it('prints nothing', async () => {
    const code = `
      const holder = { exports: {} };
      process.dlopen(holder, ${JSON.stringify(file)});
      holder.exports.selftestReject('panic').catch((error) => process.stdout.write(error.code));`;
    expect(await run(process.execPath, ['--eval', code])).toEqual({
      code: 0,
      stdout: 'INTERNAL',
      stderr: '',
    });
  });
});

describe('work on the pool', () => {
  it('runs on threads of ours', async () => {
    expect((await addon.selftestCount(1)).thread).toMatch(/^han-\d$/);
  });

  it('keeps the process alive until it is settled', async () => {
    const code = `
      const holder = { exports: {} };
      process.dlopen(holder, ${JSON.stringify(file)});
      holder.exports.selftestCount(30, { stepMs: 10, onProgress() {} }).then(({ done }) => process.stdout.write(String(done)));`;
    expect(await run(process.execPath, ['--eval', code])).toEqual({ code: 0, stdout: '30', stderr: '' });
  });

  it('does all that is asked, though more than there are threads', async () => {
    const reports = await Promise.all(Array.from({ length: 500 }, (_, index) => addon.selftestCount(index)));
    expect(reports.map(({ done }) => done)).toEqual(Array.from({ length: 500 }, (_, index) => index));
  });

  it('takes options that are null or left out', async () => {
    const options = [undefined, null, {}, { jobId: undefined, onProgress: undefined }, { onProgress: null }];
    for (const one of options)
      expect(await addon.selftestCount(2, one)).toMatchObject({ status: 'complete', done: 2 });
  });
});

describe('a job id', () => {
  it('is a new one each time', () => {
    const ids = Array.from({ length: 100 }, () => addon.createJobId());
    expect(new Set(ids).size).toBe(100);
    expect(ids.every((id) => Number.isSafeInteger(id) && id > 0)).toBe(true);
  });

  it('belongs to one running job, and is free again once its promise is settled', async () => {
    const jobId = addon.createJobId();
    const first = addon.selftestCount(ENDLESS, { jobId, stepMs: 1 });
    await expect(addon.selftestCount(1, { jobId })).rejects.toMatchObject({
      code: 'JOB_DUPLICATE',
      message: `[JOB_DUPLICATE] start a job with jobId = ${jobId}`,
    });
    expect(addon.cancelJob(jobId)).toBe(true);
    await first;
    expect(await addon.selftestCount(1, { jobId })).toMatchObject({ status: 'complete' });
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('is not %d', async (jobId) => {
    await expect(addon.selftestCount(1, { jobId })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(addon.cancelJob(jobId)).toBe(false);
  });
});

describe('cancelJob', () => {
  it('ends a job, which says how far it came', async () => {
    const jobId = addon.createJobId();
    const job = addon.selftestCount(ENDLESS, {
      jobId,
      stepMs: 1,
      onProgress: ({ done }: { done: number }) => done > 20 && addon.cancelJob(jobId),
    });
    const { status, done } = await job;
    expect(status).toBe('partial');
    expect(done).toBeGreaterThan(20);
  });

  it('ends a job that still waits for a thread before it begins', async () => {
    const ids = Array.from({ length: 20 }, () => addon.createJobId());
    const jobs = ids.map((jobId) => addon.selftestCount(ENDLESS, { jobId, stepMs: 1 }));
    expect(ids.map((id) => addon.cancelJob(id))).toEqual(ids.map(() => true));
    const reports = await Promise.all(jobs);
    expect(new Set(reports.map(({ status }) => status))).toEqual(new Set(['partial']));
    // Eight threads at most: the others had not begun.
    expect(reports.filter(({ done }) => done === 0).length).toBeGreaterThanOrEqual(12);
  });

  it('is false where no job with this id runs', async () => {
    const jobId = addon.createJobId();
    expect(addon.cancelJob(jobId)).toBe(false);
    await addon.selftestCount(1, { jobId });
    expect(addon.cancelJob(jobId)).toBe(false);
  });
});

describe('onProgress', () => {
  it('is called in order, the last report among the calls, and never after the promise is settled', async () => {
    for (const steps of [1, 2, 3, 50, 300]) {
      const seen: number[] = [];
      let settled = false;
      await addon
        .selftestCount(steps, {
          stepMs: steps > 3 ? 1 : 0,
          onProgress: ({ done }: { done: number }) => {
            expect(settled).toBe(false);
            seen.push(done);
          },
        })
        .finally(() => {
          settled = true;
        });
      expect(seen).toEqual([...seen].sort((left, right) => left - right));
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.at(-1)).toBe(steps);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(seen.at(-1)).toBe(steps);
    }
  });

  it('is called far less often than there are reports', async () => {
    const calls: number[] = [];
    const start = performance.now();
    await addon.selftestCount(200_000, { onProgress: ({ done }: { done: number }) => calls.push(done) });
    const elapsed = performance.now() - start;
    // One per 50 ms, the first at once and the last behind.
    expect(calls.length).toBeLessThanOrEqual(elapsed / 50 + 2);
    expect(calls.at(-1)).toBe(200_000);
  });

  it('does not hold up the work while the JavaScript thread is busy', async () => {
    const calls: number[] = [];
    const job = addon.selftestCount(300, {
      stepMs: 1,
      onProgress: ({ done }: { done: number }) => calls.push(done),
    });
    // The thread is asleep for longer than the job takes; of about six calls at most two may wait for it.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
    const { done, status } = await job;
    expect({ done, status }).toEqual({ done: 300, status: 'complete' });
    expect(calls.length).toBeLessThanOrEqual(3);
    expect(calls.at(-1)).toBe(300);
  });

  it('that throws cancels the job and rejects with what it threw', async () => {
    class OwnError extends Error {}
    for (const thrown of [new OwnError('mine'), 'a text', 42, undefined, { some: 'object' }]) {
      let calls = 0;
      const jobId = addon.createJobId();
      const job = addon.selftestCount(ENDLESS, {
        jobId,
        stepMs: 1,
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
      expect(addon.cancelJob(jobId)).toBe(false);
    }
  });

  it.each([5, 'text', {}, []])('that is no function (%j) is INVALID_ARGUMENT', async (onProgress) => {
    await expect(addon.selftestCount(1, { onProgress })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('may start jobs and cancel others', async () => {
    const other = addon.createJobId();
    const jobs: Promise<CountReport>[] = [];
    await addon.selftestCount(1, {
      onProgress: () => {
        jobs.push(addon.selftestCount(ENDLESS, { jobId: other, stepMs: 1 }));
        addon.cancelJob(other);
      },
    });
    expect(await Promise.all(jobs)).toMatchObject([{ status: 'partial' }]);
  });
});

describe('a worker thread that ends', () => {
  it('cancels its jobs, and nothing crashes', async () => {
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      const holder = { exports: {} };
      process.dlopen(holder, workerData.file);
      const addon = holder.exports;
      const busy = () => { const end = performance.now() + 20; while (performance.now() < end); };
      for (const [index, onProgress] of [busy, () => {}, undefined].entries()) {
        addon.selftestCount(1e9, { jobId: workerData.ids[index], stepMs: 1, onProgress });
      }
      addon.selftestReject('DB_BUSY').catch(() => {});
      parentPort.postMessage('started');`;
    for (let round = 0; round < 20; round += 1) {
      const ids = [addon.createJobId(), addon.createJobId(), addon.createJobId()];
      const worker = new Worker(code, { eval: true, workerData: { file, ids } });
      await new Promise((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
      });
      await new Promise((resolve) => setTimeout(resolve, (round % 5) * 11));
      expect(
        ids.map((id) => addon.cancelJob(id)),
        'they run, and are known in every thread',
      ).toContain(true);
      await worker.terminate();
    }
    // The pool would be full of endless jobs otherwise.
    expect(await addon.selftestCount(1)).toMatchObject({ done: 1 });
  }, 60_000);

  it('ends its jobs without being asked', async () => {
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      const holder = { exports: {} };
      process.dlopen(holder, workerData.file);
      for (const jobId of workerData.ids) holder.exports.selftestCount(1e9, { jobId, stepMs: 1 });
      parentPort.postMessage('started');`;
    const ids = Array.from({ length: 16 }, () => addon.createJobId());
    const worker = new Worker(code, { eval: true, workerData: { file, ids } });
    await new Promise((resolve) => worker.once('message', resolve));
    await worker.terminate();
    expect(await addon.selftestCount(1)).toMatchObject({ done: 1 });
    expect(ids.filter((id) => addon.cancelJob(id))).toEqual([]);
  });
});

describe('the process', () => {
  it('may exit while jobs run', async () => {
    const folder = temporaryFolder();
    const code = `
      const holder = { exports: {} };
      process.dlopen(holder, ${JSON.stringify(file)});
      for (let job = 0; job < 20; job += 1) holder.exports.selftestCount(1e9, { stepMs: 1, onProgress() {} });
      setTimeout(() => process.exit(7), 80);`;
    for (let round = 0; round < 5; round += 1) {
      expect(await run(process.execPath, ['--eval', code], { cwd: folder })).toEqual({
        code: 7,
        stdout: '',
        stderr: '',
      });
    }
  });

  it('never sees the feature in the addon that is published', () => {
    const native = createRequire(import.meta.url)(join(root, 'packages/native/index.js')) as object;
    expect(Object.keys(native).filter((name) => name.startsWith('selftest'))).toEqual([]);
  });
});
