// Long readings of a file as jobs: progress, cancelling.
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { newFile } from './jsonl-files';

/** A file of about 200 MB: long enough to be watched. */
let large: string;
const lines = 200_000;

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'han-jsonl-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  large = join(folder, 'large.jsonl');
  const text = 'some words of a line '.repeat(48);
  const part = Array.from({ length: lines / 10 }, (_, n) => `${JSON.stringify({ n, text })}\n`).join('');
  for (let times = 0; times < 10; times += 1) writeFileSync(large, part, { flag: 'a' });
});

type Options = native.JsonlJobOptions;

/** The functions that read a whole file as a job, and what each gives of a file with so many lines. */
const jobs: Record<string, { run: (file: string, options?: Options) => Promise<unknown>; answer: unknown }> =
  {
    jsonlCountLinesAsync: { run: native.jsonlCountLinesAsync, answer: lines },
    jsonlBuildIndexAsync: {
      run: async (file, options) => (await native.jsonlBuildIndexAsync(file, options)).lineOffsets.length,
      answer: lines,
    },
    jsonlUpdateIndexAsync: {
      run: async (file, options) => {
        // A file whose index is saved already is not read.
        rmSync(`${file}.idx`, { force: true });
        return (await native.jsonlUpdateIndexAsync(file, options)).lineCount;
      },
      answer: lines,
    },
    jsonlFilterAsync: {
      run: async (file, options) =>
        (
          await native.jsonlFilterAsync(file, [{ fieldPath: 'n', operator: 'gte', value: 0 }], {
            ...options,
            limit: 1,
          })
        ).matchedCount,
      answer: lines,
    },
    jsonlFilterTimeRangeAsync: {
      run: async (file, options) =>
        (
          await native.jsonlFilterTimeRangeAsync(
            file,
            't',
            '2026-01-01T00:00Z',
            '2026-01-02T00:00Z',
            options ?? {},
          )
        ).scannedCount,
      answer: lines,
    },
  };

describe.each(Object.entries(jobs))('%s', (name, { run, answer }) => {
  it('tells how far it is, the end included', async () => {
    const seen: native.JsonlProgress[] = [];
    let settled = false;
    const onProgress = (progress: native.JsonlProgress) => {
      expect(settled).toBe(false);
      seen.push(progress);
    };
    expect(await run(large, { onProgress })).toBe(answer);
    settled = true;
    const { size } = statSync(large);
    expect(seen.at(-1)).toStrictEqual({
      bytesDone: size,
      bytesTotal: size,
      lines: expect.any(Number),
      elapsedMs: expect.any(Number),
    });
    expect(seen.at(-1)?.lines).toBe(lines);
    for (const [index, progress] of seen.entries()) {
      const before = seen[index - 1] ?? progress;
      expect(progress.bytesTotal).toBe(size);
      for (const key of ['bytesDone', 'lines', 'elapsedMs'] as const) {
        expect(progress[key], key).toBeGreaterThanOrEqual(before[key]);
      }
    }
  });

  it('ends when it is cancelled', async () => {
    const jobId = native.createJobId();
    const job = run(large, { jobId });
    expect(native.cancelJob(jobId)).toBe(true);
    if (name.startsWith('jsonlFilter')) {
      expect(await job).toBeLessThan(lines);
    } else {
      await expect(job).rejects.toMatchObject({ code: 'CANCELLED' });
    }
    expect(native.cancelJob(jobId)).toBe(false);
  });

  it('ends when onProgress throws, with what it threw', async () => {
    const thrown = new Error('the screen is gone');
    const onProgress = () => {
      throw thrown;
    };
    await expect(run(large, { onProgress })).rejects.toBe(thrown);
  });

  it('reports an empty file too', async () => {
    const seen: native.JsonlProgress[] = [];
    await run(newFile(''), { onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toMatchObject({ bytesDone: 0, bytesTotal: 0, lines: 0 });
  });
});

describe('a search that is cancelled', () => {
  it('says so, and holds what it found from the head of the file on', async () => {
    const jobId = native.createJobId();
    const found = await native.jsonlFilterAsync(
      large,
      [{ fieldPath: 'text', operator: 'regex', value: 'w[aeiou]rds.*line' }],
      {
        jobId,
        onProgress: ({ lines }) => lines > 1000 && native.cancelJob(jobId),
      },
    );
    expect(found.status).toBe('partial');
    expect(found.scannedCount).toBeLessThan(lines);
    expect(found.lines.map(({ lineNumber }) => lineNumber)).toEqual(found.lines.map((_, index) => index));
    expect(found.lines.length).toBe(found.matchedCount);
  });
});

describe('an index that is cancelled', () => {
  it('is not written', async () => {
    const { indexPath } = native.jsonlUpdateIndex(large);
    rmSync(indexPath);
    const jobId = native.createJobId();
    const job = native.jsonlUpdateIndexAsync(large, { jobId });
    native.cancelJob(jobId);
    await expect(job).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(existsSync(indexPath)).toBe(false);
  });
});
