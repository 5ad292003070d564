import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HanClient, type JsonlProgress } from '../src/index.js';
import { newClient, temporaryFolder } from './archive.js';

const { jsonl } = HanClient;

/** A new file of lines numbered in `n`, one of them blank. */
function newFile(count = 5): string {
  const file = join(temporaryFolder(), 'lines.jsonl');
  const lines = Array.from({ length: count }, (_, n) =>
    JSON.stringify({
      n,
      at: `2026-11-01T00:00:${String(n % 60).padStart(2, '0')}Z`,
      text: 'words '.repeat(20),
    }),
  );
  writeFileSync(file, `${lines.slice(0, 2).join('\n')}\n\n${lines.slice(2).join('\n')}\n`);
  return file;
}

/** The numbers in lines. */
function numbers(lines: { content: string }[]): number[] {
  return lines.map(({ content }) => JSON.parse(content).n);
}

describe('jsonl', () => {
  it('is there with and without a database, and not on a closed client', () => {
    const client = newClient();
    expect(client.jsonl).toBe(HanClient.jsonl);
    client.close();
    expect(() => client.jsonl).toThrow(expect.objectContaining({ code: 'CLIENT_CLOSED' }));
    expect(jsonl.countLinesSync(newFile())).toBe(6);
  });

  it('counts', async () => {
    const file = newFile();
    expect(await jsonl.countLines(file)).toBe(6);
    expect(jsonl.countLinesSync(file)).toBe(6);
    const stats = await jsonl.stats(file);
    expect(stats).toMatchObject({ lineCount: 6, hasIndex: false });
    expect(jsonl.statsSync(file)).toEqual(stats);
  });

  it('reads pages of 100 lines from the first one on, unless told otherwise', async () => {
    const file = newFile(150);
    const first = await jsonl.readPage(file);
    expect(first).toMatchObject({ totalLines: 151, hasMore: true, nextOffset: 101 });
    expect(numbers(first.lines)).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(jsonl.readPageSync(file)).toEqual(first);
    const next = jsonl.readPageSync(file, { offset: first.nextOffset, limit: 2 });
    expect(numbers(next.lines)).toEqual([100, 101]);
    expect(await jsonl.readPage(file, { offset: first.nextOffset, limit: 2 })).toEqual(next);
  });

  it('reads the last 10 lines, the last one first, unless told otherwise', async () => {
    const file = newFile(30);
    const last = await jsonl.readReverse(file);
    expect(numbers(last)).toEqual([29, 28, 27, 26, 25, 24, 23, 22, 21, 20]);
    expect(last[0]?.lineNumber).toBe(30);
    expect(jsonl.readReverseSync(file)).toEqual(last);
    expect(await jsonl.readReverse(file, 2)).toEqual(last.slice(0, 2));
    expect(jsonl.readReverseSync(file, 2)).toEqual(last.slice(0, 2));

    const tail = jsonl.readTail(file);
    expect(numbers(tail.lines)).toEqual(numbers(last));
    expect(tail.hasMore).toBe(true);
    const before = jsonl.readTail(file, { limit: 100, beforeOffset: tail.lines.at(-1)?.byteOffset });
    expect(before.lines).toHaveLength(20);
    expect(before.hasMore).toBe(false);
  });

  it('reads single lines', async () => {
    const file = newFile();
    const lines = await jsonl.readLines(file, [4, 2, 99]);
    expect(lines.map(({ lineNumber, content }) => [lineNumber, content.length > 0])).toEqual([
      [4, true],
      [2, false],
    ]);
    expect(jsonl.readLinesSync(file, [4, 2, 99])).toEqual(lines);
  });

  it('makes, saves, loads and uses indexes', async () => {
    const file = newFile();
    const index = await jsonl.buildIndex(file);
    expect(index.lineOffsets).toHaveLength(6);
    expect(jsonl.buildIndexSync(file)).toEqual(index);
    expect(await jsonl.loadIndex(file)).toBeNull();
    expect(jsonl.loadIndexSync(file)).toBeNull();
    jsonl.saveIndex(index);
    expect(await jsonl.loadIndex(file)).toEqual(index);
    expect(jsonl.loadIndexSync(file)).toEqual(index);
    expect(await jsonl.updateIndex(file)).toMatchObject({ change: 'unchanged', lineCount: 6 });
    expect(jsonl.updateIndexSync(file)).toMatchObject({ change: 'unchanged' });
    const lines = await jsonl.readIndexed(file, index, [5, 0]);
    expect(numbers(lines)).toEqual([4, 0]);
    expect(jsonl.readIndexedSync(file, index, [5, 0])).toEqual(lines);
  });

  it('filters', async () => {
    const file = newFile(50);
    const filters = [{ fieldPath: 'n', operator: 'gte', value: 40 }];
    const found = await jsonl.filter(file, filters, { limit: 2 });
    expect(numbers(found.lines)).toEqual([40, 41]);
    expect(found).toMatchObject({ matchedCount: 10, scannedCount: 51, status: 'complete' });
    expect(jsonl.filterSync(file, filters, 2)).toEqual(found);
    expect((await jsonl.filter(file, filters)).lines).toHaveLength(10);
    await expect(jsonl.filter(file, [{ fieldPath: 'n', operator: 'is' }])).rejects.toMatchObject({
      name: 'HanError',
      code: 'INVALID_FILTER',
    });
    expect(() => jsonl.filterSync(file, [{}])).toThrow(expect.objectContaining({ code: 'INVALID_FILTER' }));
  });

  it('finds the lines of a time range, given as texts or dates', async () => {
    const file = newFile();
    const start = '2026-11-01T00:00:01Z';
    const found = await jsonl.filterTimeRange(file, {
      field: 'at',
      start,
      end: new Date('2026-11-01T00:00:03Z'),
    });
    expect(numbers(found.lines)).toEqual([1, 2, 3]);
    const range = { field: 'at', start: new Date(start), end: '2026-11-01T00:00:03Z' };
    expect(jsonl.filterTimeRangeSync(file, range)).toEqual(found);
    expect((await jsonl.filterTimeRange(file, range, { limit: 1 })).lines).toHaveLength(1);
    const bad = { ...range, end: new Date('never') };
    await expect(jsonl.filterTimeRange(file, bad)).rejects.toMatchObject({ code: 'INVALID_TIMESTAMP' });
    expect(() => jsonl.filterTimeRangeSync(file, bad)).toThrow(
      expect.objectContaining({ code: 'INVALID_TIMESTAMP' }),
    );
  });

  it('fails with errors of the client', async () => {
    const missing = join(temporaryFolder(), 'missing.jsonl');
    const expected = { name: 'HanError', code: 'FILE_NOT_FOUND', remedy: expect.any(String) };
    expect(() => jsonl.countLinesSync(missing)).toThrow(expect.objectContaining(expected));
    await expect(jsonl.countLines(missing)).rejects.toMatchObject(expected);
    await expect(jsonl.readPage(missing, { offset: -1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('long work', () => {
  const works = {
    countLines: jsonl.countLines,
    buildIndex: jsonl.buildIndex,
    updateIndex: jsonl.updateIndex,
    filter: (file: string, options: object) => jsonl.filter(file, [], options),
    filterTimeRange: (file: string, options: object) =>
      jsonl.filterTimeRange(file, { field: 'at', start: new Date(0), end: new Date() }, options),
  };

  it.each(Object.entries(works))('of %s tells how far it is', async (_, work) => {
    const file = newFile(5000);
    const seen: JsonlProgress[] = [];
    await work(file, { onProgress: (progress: JsonlProgress) => seen.push(progress) });
    expect(seen.at(-1)).toMatchObject({ lines: 5001 });
    expect(seen.at(-1)?.bytesDone).toBe(seen.at(-1)?.bytesTotal);
  });

  it.each(Object.entries(works))('of %s is not begun when its signal is aborted before', async (_, work) => {
    const reason = new Error('not now');
    const signal = AbortSignal.abort(reason);
    await expect(work(join(temporaryFolder(), 'missing.jsonl'), { signal })).rejects.toMatchObject({
      name: 'HanError',
      code: 'CANCELLED',
      cause: reason,
    });
  });

  it.each(Object.entries(works))('of %s ends when its signal is aborted', async (name, work) => {
    const file = newFile();
    // Zeros that take no room on the disk, but their time to be read.
    truncateSync(file, 2 ** 30);
    const abort = new AbortController();
    const reason = new Error('enough');
    const running = work(file, { signal: abort.signal });
    abort.abort(reason);
    if (name.startsWith('filter')) {
      expect(await running).toMatchObject({ status: 'partial' });
    } else {
      await expect(running).rejects.toMatchObject({ name: 'HanError', code: 'CANCELLED', cause: reason });
    }
  });

  it('rejects with what onProgress throws', async () => {
    const thrown = new Error('the screen is gone');
    const onProgress = () => {
      throw thrown;
    };
    await expect(jsonl.countLines(newFile(), { onProgress })).rejects.toBe(thrown);
  });

  it('lets go of its signal when it is over', async () => {
    const abort = new AbortController();
    expect(await jsonl.countLines(newFile(), { signal: abort.signal })).toBe(6);
    abort.abort();
    expect(await jsonl.countLines(newFile())).toBe(6);
  });
});
