// Counting, pages, the last lines and single lines, beside a slow clear twin.
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  openSync,
  symlinkSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, thrownBy } from './contract/transcripts';
import { isBlank, isJson, linesOf, newFile, numbered, oddInputs } from './jsonl-files';
import { temporaryFolder } from './processes';

/** All pages of a file. */
function pagesOf(file: string, limit: number): native.PaginatedResult[] {
  const pages: native.PaginatedResult[] = [];
  for (let offset = 0; ; ) {
    const page = native.jsonlReadPage(file, offset, limit);
    pages.push(page);
    if (!page.hasMore) return pages;
    expect(page.nextOffset, 'a page leads on').toBeGreaterThan(offset);
    offset = page.nextOffset;
  }
}

/** The lines of a file that are not blank, the last one first, so many at a time. */
function tailsOf(file: string, limit: number): native.JsonlTailLine[] {
  const lines: native.JsonlTailLine[] = [];
  for (;;) {
    const tail = native.jsonlReadTail(file, limit, lines.at(-1)?.byteOffset ?? null);
    lines.push(...tail.lines);
    if (!tail.hasMore) return lines;
    expect(tail.lines).toHaveLength(limit);
  }
}

describe.each(Object.entries(oddInputs))('%s', (_, content) => {
  const lines = linesOf(content);
  const spoken = lines.filter((line) => !isBlank(line));

  it('is counted', async () => {
    const file = newFile(content);
    expect(native.jsonlCountLines(file)).toBe(lines.length);
    expect(await native.jsonlCountLinesAsync(file)).toBe(lines.length);
    expect(native.jsonlStats(file)).toStrictEqual({
      lineCount: lines.length,
      fileSize: Buffer.byteLength(content),
      hasIndex: false,
      indexStale: false,
    });
  });

  it.each([1, 3, 1000])('comes in pages of %d, none of it twice, without its blank lines', (limit) => {
    const file = newFile(content);
    const pages = pagesOf(file, limit);
    expect(pages.flatMap((page) => page.lines)).toStrictEqual(spoken);
    expect(pages.every(({ lines }) => lines.length <= limit)).toBe(true);
    expect(new Set(pages.map(({ totalLines }) => totalLines))).toEqual(new Set([lines.length]));
    expect(pages.at(-1)?.nextOffset).toBe(lines.length);
  });

  it('is read from any line on', () => {
    const file = newFile(content);
    for (const offset of new Set([
      1,
      2,
      spoken.length - 1,
      lines.length - 1,
      lines.length,
      lines.length + 7,
    ])) {
      if (offset < 0) continue;
      const [first] = native.jsonlReadPage(file, offset, 1).lines;
      expect(first).toStrictEqual(spoken.find(({ lineNumber }) => lineNumber >= offset));
    }
  });

  it.each([1, 4, 10_000])('is read from its end, %d lines at a time', (limit) => {
    const file = newFile(content);
    const backwards = [...spoken].reverse();
    expect(native.jsonlReadReverse(file, limit)).toStrictEqual(backwards.slice(0, limit));
    if (spoken.length <= 100 || limit === 10_000) {
      expect(tailsOf(file, limit)).toStrictEqual(
        backwards.map(({ byteOffset, content }) => ({ byteOffset, content })),
      );
    }
  });

  it('gives single lines in the asked order, blank ones too', () => {
    const file = newFile(content);
    const last = lines.length - 1;
    const asked = [last, 0, 1, last + 1, Math.floor(last / 2), 0, 2 ** 53 - 1].filter(
      (number) => number >= 0,
    );
    const expected = asked.filter((number) => number <= last).map((number) => lines[number]);
    expect(native.jsonlReadLines(file, asked)).toStrictEqual(expected);
    const index = native.jsonlBuildIndex(file);
    expect(native.jsonlReadIndexed(file, index, asked)).toStrictEqual(expected);
    expect(index.lineOffsets).toEqual(lines.length === 0 ? [0] : lines.map(({ byteOffset }) => byteOffset));
  });

  it('is filtered: what is JSON matches no condition at all', () => {
    const matching = lines.filter(isJson);
    expect(native.jsonlFilter(newFile(content), [])).toStrictEqual({
      lines: matching,
      matchedCount: matching.length,
      scannedCount: lines.length,
      status: 'complete',
    });
  });
});

describe('records', () => {
  it('have exactly these fields, in this order', () => {
    const file = newFile('{"a":1}\n{"b":2}\n');
    const { lines, ...page } = native.jsonlReadPage(file, 0, 1);
    expect(page).toStrictEqual({ totalLines: 2, hasMore: true, nextOffset: 1 });
    expect(lines.map((line) => Object.keys(line))).toEqual([['lineNumber', 'byteOffset', 'content']]);
    const tail = native.jsonlReadTail(file, 1);
    expect(tail).toStrictEqual({
      lines: [{ byteOffset: 8, content: '{"b":2}' }],
      hasMore: true,
      fileSize: 16,
    });
  });

  it('of a line of more than 64 MiB hold its head and say how much is missing', async () => {
    const size = 65 * 1024 * 1024;
    const file = newFile('');
    // A hole in the file: zeros that take no room on the disk.
    truncateSync(file, size);
    const handle = openSync(file, 'r+');
    writeSync(handle, '{"head"', 0);
    writeSync(handle, '\n"next"\n', size);
    const kept = 64 * 1024;
    const cut = {
      lineNumber: 0,
      byteOffset: 0,
      content: `{"head"${'\0'.repeat(kept - 7)}`,
      omittedBytes: size - kept,
    };
    const next = { lineNumber: 1, byteOffset: size + 1, content: '"next"' };
    const both = [cut, next];
    expect(native.jsonlReadPage(file, 0, 10).lines).toStrictEqual(both);
    expect(native.jsonlReadReverse(file, 10)).toStrictEqual([next, cut]);
    expect(native.jsonlReadLines(file, [1, 0])).toStrictEqual([next, cut]);
    const { lineNumber: _, ...unnumbered } = cut;
    expect(native.jsonlReadTail(file, 2).lines[1]).toStrictEqual(unnumbered);
    expect(native.jsonlFilter(file, [])).toMatchObject({ lines: [next], matchedCount: 1, scannedCount: 2 });

    const reader = native.jsonlOpenReader(file);
    const batch = await native.jsonlNextBatch(reader);
    expect(batch?.contents[0]).toBe(cut.content);
    expect([...(batch?.omittedBytes ?? [])].slice(0, batch?.contents.length)).toEqual(
      (batch?.contents ?? []).map((_, index) => (index === 0 ? size - kept : 0)),
    );
    native.jsonlCloseReader(reader);
  });
});

describe('a file that is written to', () => {
  it('is read as it is at each call', () => {
    const file = newFile(numbered(1000));
    expect(native.jsonlReadPage(file, 990, 100)).toMatchObject({ totalLines: 1000, hasMore: false });
    appendFileSync(file, numbered(500));
    expect(native.jsonlReadPage(file, 990, 100)).toMatchObject({
      totalLines: 1500,
      hasMore: true,
      nextOffset: 1090,
    });
    expect(native.jsonlReadReverse(file, 1)[0]?.lineNumber).toBe(1499);
    truncateSync(file, 0);
    expect(native.jsonlReadPage(file, 0, 100)).toStrictEqual({
      lines: [],
      totalLines: 0,
      hasMore: false,
      nextOffset: 0,
    });
    expect(native.jsonlCountLines(file)).toBe(0);
  });
});

/** Every function that reads a file, with arguments that are all right. */
const readers: Record<string, (file: string) => unknown> = {
  jsonlCountLines: native.jsonlCountLines,
  jsonlCountLinesAsync: native.jsonlCountLinesAsync,
  jsonlStats: native.jsonlStats,
  jsonlStatsAsync: native.jsonlStatsAsync,
  jsonlReadPage: (file) => native.jsonlReadPage(file, 0, 1),
  jsonlReadPageAsync: (file) => native.jsonlReadPageAsync(file, 0, 1),
  jsonlReadReverse: (file) => native.jsonlReadReverse(file, 1),
  jsonlReadReverseAsync: (file) => native.jsonlReadReverseAsync(file, 1),
  jsonlReadTail: (file) => native.jsonlReadTail(file, 1),
  jsonlReadLines: (file) => native.jsonlReadLines(file, [0]),
  jsonlReadLinesAsync: (file) => native.jsonlReadLinesAsync(file, [0]),
  jsonlBuildIndex: native.jsonlBuildIndex,
  jsonlBuildIndexAsync: native.jsonlBuildIndexAsync,
  jsonlSaveIndex: (file) =>
    native.jsonlSaveIndex({ filePath: file, lineOffsets: [], fileMtime: 0, fileSize: 0 }),
  jsonlLoadIndex: native.jsonlLoadIndex,
  jsonlLoadIndexAsync: native.jsonlLoadIndexAsync,
  jsonlUpdateIndex: native.jsonlUpdateIndex,
  jsonlUpdateIndexAsync: native.jsonlUpdateIndexAsync,
  jsonlReadIndexed: (file) =>
    native.jsonlReadIndexed(file, { filePath: file, lineOffsets: [0], fileMtime: 0, fileSize: 0 }, [0]),
  jsonlReadIndexedAsync: (file) =>
    native.jsonlReadIndexedAsync(file, { filePath: file, lineOffsets: [0], fileMtime: 0, fileSize: 0 }, [0]),
  jsonlFilter: (file) => native.jsonlFilter(file, []),
  jsonlFilterAsync: (file) => native.jsonlFilterAsync(file, []),
  jsonlFilterTimeRange: (file) =>
    native.jsonlFilterTimeRange(file, 't', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
  jsonlFilterTimeRangeAsync: (file) =>
    native.jsonlFilterTimeRangeAsync(file, 't', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
  jsonlStream: (file) => native.jsonlStream(file, () => undefined, 1),
  jsonlOpenReader: (file) => native.jsonlOpenReader(file),
};

async function failureOf(work: () => unknown): Promise<unknown> {
  try {
    return { resolved: await work() };
  } catch (error) {
    return error;
  }
}

describe.each(Object.entries(readers))('%s', (_, read) => {
  it('of what cannot be read says why, with the path', async () => {
    const folder = temporaryFolder();
    const missing = join(folder, 'missing.jsonl');
    expect(await failureOf(() => read(missing))).toMatchObject(errorOf('FILE_NOT_FOUND', missing));
    expect(await failureOf(() => read(folder))).toMatchObject(errorOf('NOT_A_FILE', folder));
    expect(await failureOf(() => read(''))).toMatchObject({
      code: expect.stringMatching(/FILE_NOT_FOUND|INVALID/),
    });
    expect(await failureOf(() => read('with\0nul'))).toBeInstanceOf(Error);
    // The superuser may read everything.
    if (process.platform !== 'win32' && process.getuid?.() !== 0) {
      const secret = newFile('{}\n');
      chmodSync(secret, 0);
      expect(await failureOf(() => read(secret))).toMatchObject(errorOf('FILE_UNREADABLE', secret));
    }
  });

  it.skipIf(process.platform === 'win32')(
    'reads through a link, and a path with odd characters',
    async () => {
      const folder = join(temporaryFolder(), 'Ördner ✓ "quoted"');
      mkdirSync(folder);
      const link = join(folder, 'líne\n.jsonl');
      symlinkSync(newFile('{"a":1}\n'), link);
      expect(await failureOf(() => read(link))).not.toBeInstanceOf(Error);
    },
  );
});

describe('a number that is no place in a file', () => {
  const bad = [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 53, 1e300];

  it.each(bad)('%d is INVALID_ARGUMENT', async (number) => {
    const file = newFile('{}\n');
    const index = native.jsonlBuildIndex(file);
    const calls: Record<string, () => unknown> = {
      offset: () => native.jsonlReadPage(file, number, 1),
      limit: () => native.jsonlReadPage(file, 0, number),
      'limit of reverse': () => native.jsonlReadReverseAsync(file, number),
      'limit of tail': () => native.jsonlReadTail(file, number),
      beforeOffset: () => native.jsonlReadTail(file, 1, number),
      'lineNumbers[1]': () => native.jsonlReadLines(file, [0, number]),
      'lineNumbers[0]': () => native.jsonlReadIndexed(file, index, [number]),
      'limit of filter': () => native.jsonlFilter(file, [], number),
      'limit of range': () =>
        native.jsonlFilterTimeRangeAsync(file, 't', '2026-01-01T00:00Z', '2026-01-01T00:00Z', {
          limit: number,
        }),
      batchSize: () => native.jsonlStream(file, () => undefined, number),
      'batchSize of reader': () => native.jsonlOpenReader(file, { batchSize: number }),
      startOffset: () => native.jsonlOpenReader(file, { startOffset: number }),
      startLine: () => native.jsonlOpenReader(file, { startLine: number }),
      'readerId of next': () => native.jsonlNextBatch(number),
      'readerId of close': () => native.jsonlCloseReader(number),
      'readerId of count': () => native.jsonlCountRest(number),
    };
    for (const [name, call] of Object.entries(calls)) {
      const [field] = name.split(' of ');
      expect(await failureOf(call), name).toMatchObject(
        errorOf(
          'INVALID_ARGUMENT',
          `take ${field} = ${String(number).replace('e+', 'e')}: it is a whole number`,
        ),
      );
    }
  });

  it('is 0 for a limit, and 0 and 100001 for a batch size', async () => {
    const file = newFile('{}\n');
    for (const read of [native.jsonlReadReverse, native.jsonlReadTail]) {
      expect(thrownBy(() => read(file, 0))).toMatchObject(errorOf('INVALID_ARGUMENT', 'limit'));
    }
    expect(thrownBy(() => native.jsonlReadPage(file, 0, 0))).toMatchObject(
      errorOf('INVALID_ARGUMENT', 'limit'),
    );
    for (const batchSize of [0, 100_001]) {
      const expected = errorOf(
        'INVALID_ARGUMENT',
        `batchSize = ${batchSize}: it is a whole number from 1 to 100000`,
      );
      expect(thrownBy(() => native.jsonlOpenReader(file, { batchSize }))).toMatchObject(expected);
      expect(await failureOf(() => native.jsonlStream(file, () => undefined, batchSize))).toMatchObject(
        expected,
      );
    }
    // To count what matches is a question of its own.
    expect(native.jsonlFilter(file, [], 0)).toMatchObject({ lines: [], matchedCount: 1 });
  });
});

describe('options that are no record', () => {
  it.each([5, 'text', true, Symbol('s'), 5n])('%s are INVALID_ARGUMENT', async (options) => {
    const file = newFile('{}\n');
    const given = options as never;
    for (const call of [
      () => native.jsonlCountLinesAsync(file, given),
      () => native.jsonlBuildIndexAsync(file, given),
      () => native.jsonlUpdateIndexAsync(file, given),
      () => native.jsonlFilterAsync(file, [], given),
      () => native.jsonlFilterTimeRangeAsync(file, 't', '2026-01-01T00:00Z', '2026-01-01T00:00Z', given),
      () => native.jsonlOpenReader(file, given),
      () => native.jsonlOpenStdin(given),
    ]) {
      expect(await failureOf(call)).toMatchObject(errorOf('INVALID_ARGUMENT', 'call jsonl'));
    }
  });
});
