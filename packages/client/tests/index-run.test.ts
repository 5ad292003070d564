import type { IndexProgress, IndexReport } from '@han/native';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HanError } from '../src/errors.js';
import { IndexRun, type IndexRunOptions } from '../src/index-run.js';

const report: IndexReport = {
  status: 'complete',
  results: [],
  filesSeen: 1,
  filesIndexed: 1,
  filesUnchanged: 0,
  filesFailed: 0,
  bytesRead: 10,
  sessions: 1,
  messagesIndexed: 1,
  brokenLines: 0,
  durationMs: 1,
  counters: {
    bytesRead: 10,
    linesRead: 1,
    rowsWritten: 4,
    bytesWritten: 8216,
    statements: 9,
    transactions: 1,
  },
};

function progress(bytesDone: number): IndexProgress {
  return {
    phase: 'index',
    filesTotal: 1,
    filesDone: 0,
    bytesTotal: 10,
    bytesDone,
    messages: 0,
    elapsedMs: 1,
    bytesPerSecond: bytesDone * 1000,
  };
}

/** The work of a run, done by hand. */
interface Work {
  started: boolean;
  progress: (snapshot: IndexProgress) => void;
  resolve: (report: IndexReport) => void;
  reject: (error: unknown) => void;
}

function notStarted(): never {
  throw new Error('the work was not started');
}

/** A run whose work the test does. */
function begin(options: IndexRunOptions = {}) {
  const running = new Set<IndexRun>();
  const cancelled: number[] = [];
  const work: Work = { started: false, progress: notStarted, resolve: notStarted, reject: notStarted };
  const jobs = {
    createJobId: () => 7,
    cancelJob: (id: number) => {
      cancelled.push(id);
      work.resolve({ ...report, status: 'partial' });
      return true;
    },
  };
  const run = new IndexRun(jobs, running, options, ({ onProgress }) => {
    return new Promise((resolve, reject) => {
      Object.assign(work, { started: true, progress: onProgress, resolve, reject });
    });
  });
  return { run, work, running, cancelled };
}

const unhandled: unknown[] = [];
const note = (error: unknown) => unhandled.push(error);

beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});

afterEach(() => {
  process.off('unhandledRejection', note);
});

/** Long enough for every promise and for the report of a rejection that nobody handled. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

describe('IndexRun', () => {
  it('is a promise of the report', async () => {
    const { run, work, running } = begin();
    expect(running.has(run)).toBe(true);
    work.resolve(report);
    expect(await run).toBe(report);
    expect(running.size).toBe(0);
    expect(await run.finally(() => undefined)).toBe(report);
    expect(await Promise.all([run])).toEqual([report]);
  });

  it('yields the newest progress, skips what a slow loop missed, and ends with the run', async () => {
    const { run, work } = begin();
    const seen: number[] = [];
    const loop = (async () => {
      for await (const { bytesDone } of run) {
        seen.push(bytesDone);
        await settle();
      }
    })();
    await settle();
    for (const bytesDone of [1, 2, 3]) {
      work.progress(progress(bytesDone));
    }
    await settle();
    await settle();
    work.progress(progress(10));
    work.resolve(report);
    await loop;
    expect(seen).toEqual([3, 10]);
  });

  it('gives a loop that begins late the last progress', async () => {
    const { run, work } = begin();
    work.progress(progress(10));
    work.resolve(report);
    await run;
    const seen: IndexProgress[] = [];
    for await (const snapshot of run) {
      seen.push(snapshot);
    }
    expect(seen).toEqual([progress(10)]);
  });

  it('lets several loops watch', async () => {
    const { run, work } = begin();
    const count = async () => {
      let snapshots = 0;
      for await (const _ of run) {
        snapshots += 1;
      }
      return snapshots;
    };
    const counts = [count(), count()];
    await settle();
    work.progress(progress(1));
    await settle();
    work.resolve(report);
    expect(await Promise.all(counts)).toEqual([1, 1]);
  });

  it('throws into the loop what the run rejects with, and reports it nowhere else', async () => {
    const { run, work } = begin();
    const loop = (async () => {
      for await (const _ of run) {
        // Only the end matters.
      }
    })();
    await settle();
    const error = new HanError('DISK_FULL', 'write');
    work.reject(error);
    await expect(loop).rejects.toBe(error);
    await settle();
    expect(unhandled).toEqual([]);
  });

  it('leaves a failure that nobody waits for to the host, as every promise does', async () => {
    const { work } = begin();
    const error = new HanError('DISK_FULL', 'write');
    work.reject(error);
    await settle();
    expect(unhandled).toEqual([error]);
  });

  it('goes on when a loop is left early', async () => {
    const { run, work, cancelled } = begin();
    work.progress(progress(1));
    for await (const _ of run) {
      break;
    }
    work.resolve(report);
    expect((await run).status).toBe('complete');
    expect(cancelled).toEqual([]);
  });

  it('is partial when its signal is aborted while it runs', async () => {
    const abort = new AbortController();
    const { run, cancelled } = begin({ signal: abort.signal });
    abort.abort();
    expect((await run).status).toBe('partial');
    expect(cancelled).toEqual([7]);
  });

  it('does nothing and rejects when its signal was aborted before', async () => {
    const reason = new Error('not now');
    const { run, work, cancelled, running } = begin({ signal: AbortSignal.abort(reason) });
    await expect(run).rejects.toMatchObject({ name: 'HanError', code: 'CANCELLED', cause: reason });
    expect({ started: work.started, cancelled, running: running.size }).toEqual({
      started: false,
      cancelled: [],
      running: 0,
    });
  });

  it('lets go of the signal when it is over', async () => {
    const abort = new AbortController();
    const { run, work, cancelled } = begin({ signal: abort.signal });
    work.resolve(report);
    await run;
    abort.abort();
    expect(cancelled).toEqual([]);
    expect(run.cancel()).toBe(false);
  });

  it('is cancelled by an onProgress that throws, and rejects with what it threw', async () => {
    const error = new Error('the screen is gone');
    let calls = 0;
    const { run, work, cancelled } = begin({
      onProgress: () => {
        calls += 1;
        throw error;
      },
    });
    work.progress(progress(1));
    work.progress(progress(2));
    await expect(run).rejects.toBe(error);
    expect(cancelled).toEqual([7]);
    expect(calls).toBe(1);
  });
});
