import { spawn } from 'node:child_process';
import { appendFileSync, readdirSync, readlinkSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonlBatch } from '@han/native';
import { describe, expect, it } from 'vitest';
import { HanClient, type JsonlLine } from '../src/index.js';
import { LineLoop, LineSource } from '../src/jsonl-lines.js';
import { temporaryFolder } from './archive.js';

const { jsonl } = HanClient;

function newFile(content: string): string {
  const file = join(temporaryFolder(), 'lines.jsonl');
  writeFileSync(file, content);
  return file;
}

function numbered(count: number): string {
  return Array.from({ length: count }, (_, n) => `${JSON.stringify({ n })}\n`).join('');
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Whether this process has a file open; only Linux tells. */
function isOpen(file: string): boolean {
  return readdirSync('/proc/self/fd').some((handle) => {
    try {
      return readlinkSync(`/proc/self/fd/${handle}`) === file;
    } catch {
      // The handle with which the folder was read.
      return false;
    }
  });
}

async function untilFree(file: string): Promise<void> {
  for (const deadline = Date.now() + 5000; isOpen(file); ) {
    expect(Date.now(), 'the file is still open').toBeLessThan(deadline);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

describe('lines', () => {
  it('gives every line that is not blank, as a plain record', async () => {
    const file = newFile('{"a":1}\n\n{"é":"日本"}\r\n{"torn":');
    expect(await all(jsonl.lines(file))).toStrictEqual([
      { lineNumber: 0, byteOffset: 0, content: '{"a":1}' },
      { lineNumber: 2, byteOffset: 9, content: '{"é":"日本"}\r' },
      { lineNumber: 3, byteOffset: 26, content: '{"torn":' },
    ]);
    expect(await all(jsonl.lines(file, { withBlank: true }))).toHaveLength(4);
    expect(await all(jsonl.lines(newFile('')))).toEqual([]);
  });

  it('gives the same, however many are fetched at a time', async () => {
    const content = numbered(2500);
    const file = newFile(content);
    for (const batchSize of [1, 7, 1000, 100_000]) {
      const lines = await all(jsonl.lines(file, { batchSize }));
      expect(lines.map(({ content }) => content)).toEqual(content.trimEnd().split('\n'));
      expect(lines.every(({ lineNumber }, index) => lineNumber === index)).toBe(true);
    }
  });

  it('begins where it is told, and takes filters', async () => {
    const content = numbered(10);
    const file = newFile(content);
    const startOffset = content.indexOf('{"n":7}');
    const lines = await all(jsonl.lines(file, { startOffset, startLine: 7 }));
    expect(lines[0]).toEqual({ lineNumber: 7, byteOffset: startOffset, content: '{"n":7}' });
    const filters = [{ fieldPath: 'n', operator: 'in', values: [2, 5] }];
    expect((await all(jsonl.lines(file, { filters }))).map(({ lineNumber }) => lineNumber)).toEqual([2, 5]);
  });

  it.runIf(process.platform === 'linux')(
    'frees the file when the loop ends, is left, or throws',
    async () => {
      const file = newFile(numbered(50_000));
      await all(jsonl.lines(file));
      expect(isOpen(file)).toBe(false);

      for await (const { lineNumber } of jsonl.lines(file, { batchSize: 10 })) {
        expect(isOpen(file)).toBe(true);
        if (lineNumber === 25) break;
      }
      await untilFree(file);

      const mine = new Error('mine');
      const loop = async () => {
        for await (const _ of jsonl.lines(file)) throw mine;
      };
      await expect(loop()).rejects.toBe(mine);
      await untilFree(file);
    },
  );

  it('can be stepped through by hand', async () => {
    const loop = jsonl.lines(newFile(numbered(5)), { batchSize: 2 });
    expect(loop[Symbol.asyncIterator]()).toBe(loop);
    const steps = await Promise.all(Array.from({ length: 7 }, () => loop.next()));
    expect(steps.map(({ done, value }) => (done ? 'end' : (value as JsonlLine).lineNumber))).toEqual([
      0,
      1,
      2,
      3,
      4,
      'end',
      'end',
    ]);
    expect(await loop.next()).toEqual({ done: true, value: undefined });
    expect(await loop.return?.()).toEqual({ done: true, value: undefined });
  });

  it.runIf(process.platform === 'linux')(
    'opens nothing before the first step, and nothing after return',
    async () => {
      const file = newFile(numbered(5));
      const loop = jsonl.lines(file);
      expect(isOpen(file)).toBe(false);
      await loop.return?.();
      expect(await loop.next()).toEqual({ done: true, value: undefined });
      expect(isOpen(file)).toBe(false);
    },
  );

  it('throws in the loop what goes wrong', async () => {
    const missing = join(temporaryFolder(), 'missing.jsonl');
    await expect(all(jsonl.lines(missing))).rejects.toMatchObject({
      name: 'HanError',
      code: 'FILE_NOT_FOUND',
    });
    const file = newFile(numbered(5));
    await expect(all(jsonl.lines(file, { batchSize: 0 }))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(all(jsonl.lines(file, { filters: [{}] }))).rejects.toMatchObject({ code: 'INVALID_FILTER' });
  });

  it('ends with an error when the file becomes shorter', async () => {
    const file = newFile(numbered(500_000));
    const loop = async () => {
      for await (const { lineNumber } of jsonl.lines(file, { batchSize: 100 })) {
        if (lineNumber === 0) truncateSync(file, 10);
      }
    };
    await expect(loop()).rejects.toMatchObject({ name: 'HanError', code: 'FILE_CHANGED' });
  });

  it('reads two files at once', async () => {
    const [one, two] = [newFile(numbered(3000)), newFile(numbered(2000))];
    const [ones, twos] = await Promise.all([all(jsonl.lines(one)), all(jsonl.lines(two))]);
    expect([ones.length, twos.length]).toEqual([3000, 2000]);
  });
});

describe('the signal', () => {
  const reason = new Error('enough');
  const cancelled = { name: 'HanError', code: 'CANCELLED', cause: reason };

  it('that is aborted before ends the loop before the file is opened', async () => {
    const signal = AbortSignal.abort(reason);
    const missing = join(temporaryFolder(), 'missing.jsonl');
    await expect(all(jsonl.lines(missing, { signal }))).rejects.toMatchObject(cancelled);
    await expect(all(jsonl.batches(missing, { signal }))).rejects.toMatchObject(cancelled);
    await expect(all(jsonl.stdinLines({ signal }))).rejects.toMatchObject(cancelled);
  });

  it.runIf(process.platform === 'linux')('ends a loop in the middle of what was fetched', async () => {
    const file = newFile(numbered(5000));
    const abort = new AbortController();
    let last = -1;
    const loop = async () => {
      for await (const { lineNumber } of jsonl.lines(file, { signal: abort.signal })) {
        last = lineNumber;
        if (lineNumber === 10) abort.abort(reason);
      }
    };
    await expect(loop()).rejects.toMatchObject(cancelled);
    expect(last).toBe(10);
    await untilFree(file);
  });

  it('ends a loop that waits', async () => {
    const file = newFile('{"a":1}\n');
    const abort = new AbortController();
    const { signal } = abort;
    const lines = all(jsonl.lines(file, { follow: true, signal }));
    const batches = all(jsonl.batches(file, { follow: true, signal }));
    setTimeout(() => abort.abort(reason), 20);
    await expect(lines).rejects.toMatchObject(cancelled);
    await expect(batches).rejects.toMatchObject(cancelled);
  });

  it('that is aborted afterwards changes nothing', async () => {
    const abort = new AbortController();
    expect(await all(jsonl.lines(newFile(numbered(5)), { signal: abort.signal }))).toHaveLength(5);
    abort.abort();
    expect(await all(jsonl.lines(newFile(numbered(5))))).toHaveLength(5);
  });
});

describe('batches', () => {
  it('gives lines in the portions in which they are read', async () => {
    const batches = await all(jsonl.batches(newFile(numbered(5)), { batchSize: 2 }));
    expect(batches).toStrictEqual(
      [[0, 1], [2, 3], [4]].map((some) => ({
        lines: some.map((n) => ({ lineNumber: n, byteOffset: n * 8, content: `{"n":${n}}` })),
        restarted: false,
      })),
    );
  });

  it('says when a followed file begins anew', async () => {
    const file = newFile('one\ntwo\n');
    const seen: [boolean, string[]][] = [];
    for await (const { lines, restarted } of jsonl.batches(file, { follow: true })) {
      seen.push([restarted, lines.map(({ lineNumber, content }) => `${lineNumber} ${content}`)]);
      if (seen.length === 1) appendFileSync(file, 'three\n');
      if (seen.length === 2) renameSync(newFile('four\n'), file);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([
      [false, ['0 one', '1 two']],
      [false, ['2 three']],
      [true, ['0 four']],
    ]);
  });

  it.runIf(process.platform === 'linux')('frees the file when the loop is left', async () => {
    const file = newFile(numbered(50_000));
    for await (const _ of jsonl.batches(file, { batchSize: 10 })) break;
    await untilFree(file);
  });
});

describe('a loop', () => {
  /** A source of batches that the test makes. */
  function fake(batches: JsonlBatch[]) {
    const calls: string[] = [];
    const native = {
      jsonlNextBatch: () => {
        calls.push('next');
        return Promise.resolve(batches.shift() ?? null);
      },
      jsonlCloseReader: () => {
        calls.push('close');
        return true;
      },
    };
    return { calls, loop: new LineLoop(new LineSource(native, 'read', undefined, () => 1)) };
  }

  const batch = (first: number, count: number, omittedBytes?: Float64Array): JsonlBatch => ({
    contents: Array.from({ length: count }, (_, index) => `line ${first + index}`),
    lineNumbers: Float64Array.from({ length: count }, (_, index) => first + index),
    byteOffsets: Float64Array.from({ length: count }, (_, index) => (first + index) * 10),
    ...(omittedBytes === undefined ? {} : { omittedBytes }),
  });

  it('fetches a batch when the one before is used up, and none ahead', async () => {
    const { loop, calls } = fake([batch(0, 2), batch(2, 1)]);
    expect(calls).toEqual([]);
    await loop.next();
    await loop.next();
    expect(calls).toEqual(['next']);
    await loop.next();
    expect(calls).toEqual(['next', 'next']);
    expect(await loop.next()).toEqual({ done: true, value: undefined });
    expect(calls).toEqual(['next', 'next', 'next', 'close']);
  });

  it('tells how much of a line is missing, and of no other', async () => {
    const { loop } = fake([batch(0, 2, new Float64Array([0, 5]))]);
    expect(await all(loop)).toStrictEqual([
      { lineNumber: 0, byteOffset: 0, content: 'line 0' },
      { lineNumber: 1, byteOffset: 10, content: 'line 1', omittedBytes: 5 },
    ]);
  });

  it('gives steps that overlap different lines', async () => {
    const { loop, calls } = fake([batch(0, 1), batch(1, 1), batch(2, 1)]);
    const steps = await Promise.all([loop.next(), loop.next(), loop.next(), loop.next()]);
    expect(steps.map(({ value }) => value?.lineNumber)).toEqual([0, 1, 2, undefined]);
    expect(calls.filter((call) => call === 'close')).toHaveLength(1);
  });
});

describe('the standard input', () => {
  const index = fileURLToPath(new URL('../dist/index.js', import.meta.url));

  async function withInput(body: string, input: string): Promise<string> {
    const code = `import { HanClient } from ${JSON.stringify(index)}; const { jsonl } = HanClient; ${body}`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    // A program that has enough does not read the rest.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    await new Promise((resolve) => child.once('close', resolve));
    return stdout;
  }

  it('is read line by line', async () => {
    const body = `
      const filters = [{ fieldPath: 'n', operator: 'gt', value: 2997 }];
      for await (const line of jsonl.stdinLines({ filters, batchSize: 10 })) console.log(line.content);`;
    expect(await withInput(body, numbered(3000))).toBe('{"n":2998}\n{"n":2999}\n');
  });

  it('can be left', async () => {
    const body = `for await (const { lineNumber } of jsonl.stdinLines()) { console.log(lineNumber); break; }`;
    expect(await withInput(body, numbered(300_000))).toBe('0\n');
  });

  it('is counted', async () => {
    expect(await withInput('console.log(await jsonl.countStdinLines());', `${numbered(3000)}torn`)).toBe(
      '3001\n',
    );
  });
});
