// Readers: batches that are pulled, what frees the file, and who is told of the end.
import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  createWriteStream,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as native from '../index.js';
import { errorOf, thrownBy } from './contract/transcripts';
import { isBlank, linesOf, newFile, numbered, oddInputs } from './jsonl-files';
import { root, run, temporaryFolder } from './processes';

const addon = join(root, 'packages/native/index.js');
const onLinux = process.platform === 'linux';

/** Opens a reader that is closed after the test. */
function open(file: string, options: native.JsonlReaderOptions = {}): number {
  const reader = native.jsonlOpenReader(file, options);
  onTestFinished(() => {
    native.jsonlCloseReader(reader);
  });
  return reader;
}

/** The lines of a batch as records. */
function records({ contents, lineNumbers, byteOffsets }: native.JsonlBatch): native.JsonlLine[] {
  expect(lineNumbers).toBeInstanceOf(Float64Array);
  expect(byteOffsets).toBeInstanceOf(Float64Array);
  expect([lineNumbers.length, byteOffsets.length]).toEqual([contents.length, contents.length]);
  return contents.map((content, index) => ({
    lineNumber: lineNumbers[index] as number,
    byteOffset: byteOffsets[index] as number,
    content,
  }));
}

/** All batches up to the end. */
async function batchesOf(reader: number): Promise<native.JsonlBatch[]> {
  const batches: native.JsonlBatch[] = [];
  for (;;) {
    const batch = await native.jsonlNextBatch(reader);
    if (batch === null) return batches;
    batches.push(batch);
  }
}

async function allLines(file: string, options?: native.JsonlReaderOptions): Promise<native.JsonlLine[]> {
  return (await batchesOf(open(file, options))).flatMap(records);
}

/** Waits until something holds, or fails after a while. */
async function until(holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !holds(); ) {
    expect(Date.now(), 'it takes too long').toBeLessThan(deadline);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Whether this process has a file open. */
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

describe.each(Object.entries(oddInputs))('%s', (_, content) => {
  const lines = linesOf(content);
  const sizes = lines.length > 10_000 ? [1000, 99_999] : [1000, 1, 3];

  it.each(sizes)('is read %d lines at a time', async (batchSize) => {
    const options = { batchSize };
    const file = newFile(content);
    expect(await allLines(file, { ...options, withBlank: true })).toStrictEqual(lines);
    expect(await allLines(file, options)).toStrictEqual(lines.filter((line) => !isBlank(line)));
  });
});

describe('a batch', () => {
  it('has columns, and the others only where they say something', async () => {
    const [batch] = await batchesOf(open(newFile('{"a":1}\n\n{"b":2}')));
    expect(batch).toStrictEqual({
      contents: ['{"a":1}', '{"b":2}'],
      lineNumbers: new Float64Array([0, 2]),
      byteOffsets: new Float64Array([0, 9]),
    });
  });

  it('ends at so many lines, 1000 when nothing is said, and at 1 MiB', async () => {
    const sizes = async (content: string, batchSize?: number) =>
      (await batchesOf(open(newFile(content), { batchSize: batchSize ?? null }))).map(
        ({ contents }) => contents.length,
      );
    expect(await sizes(numbered(2500))).toEqual([1000, 1000, 500]);
    expect(await sizes(numbered(10), 4)).toEqual([4, 4, 2]);
    const long = `${JSON.stringify('x'.repeat(300_000))}\n`;
    expect(await sizes(long.repeat(10), 100_000)).toEqual([4, 4, 2]);
  });

  it('begins where it is told, and counts from there', async () => {
    const content = numbered(10);
    const file = newFile(content);
    const line = linesOf(content)[7] as native.JsonlLine;
    const [first] = await allLines(file, { startOffset: line.byteOffset, startLine: 7 });
    expect(first).toStrictEqual(line);
    expect(await allLines(file, { startOffset: line.byteOffset })).toHaveLength(3);
    expect(await allLines(file, { startOffset: Buffer.byteLength(content) })).toEqual([]);
  });

  it('holds only lines that match', async () => {
    const filters = [{ fieldPath: 'n', operator: 'in', values: [3, 4000, 4001] }];
    const lines = await allLines(newFile(numbered(5000)), { filters });
    expect(lines.map(({ lineNumber }) => lineNumber)).toEqual([3, 4000, 4001]);
  });
});

describe('jsonlNextBatch', () => {
  it('answers calls that overlap in their order, and those behind the end with null', async () => {
    const reader = open(newFile(numbered(10)), { batchSize: 3 });
    const calls = Array.from({ length: 8 }, () => native.jsonlNextBatch(reader));
    const firsts = (await Promise.all(calls)).map((batch) => batch?.lineNumbers[0]);
    expect(firsts).toEqual([0, 3, 6, 9, undefined, undefined, undefined, undefined]);
    expect(await native.jsonlNextBatch(reader)).toBeNull();
    expect(native.jsonlCloseReader(reader), 'closed by itself').toBe(false);
  });

  it('lets other work of the event loop have its turn', async () => {
    const reader = open(newFile(numbered(1000)), { batchSize: 1 });
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    });
    await batchesOf(reader);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });

  it('of a number that no reader had is INVALID_ARGUMENT', async () => {
    const reader = open(newFile(''));
    for (const id of [0, reader + 1_000_000]) {
      await expect(native.jsonlNextBatch(id)).rejects.toMatchObject(
        errorOf('INVALID_ARGUMENT', `reader ${id}`),
      );
      await expect(native.jsonlCountRest(id)).rejects.toMatchObject(
        errorOf('INVALID_ARGUMENT', `reader ${id}`),
      );
      expect(thrownBy(() => native.jsonlCloseReader(id))).toMatchObject(
        errorOf('INVALID_ARGUMENT', `reader ${id}`),
      );
    }
  });

  it('reads two files at once', async () => {
    const [one, two] = [numbered(3000, 'one'), numbered(2000, 'two')];
    const readers = [open(newFile(one), { batchSize: 7 }), open(newFile(two), { batchSize: 5 })];
    const [ones, twos] = await Promise.all(
      readers.map(async (reader) => (await batchesOf(reader)).flatMap(records)),
    );
    expect(ones).toStrictEqual(linesOf(one));
    expect(twos).toStrictEqual(linesOf(two));
  });
});

describe('jsonlCloseReader', () => {
  it.runIf(onLinux)('frees the file, whatever is waited for', async () => {
    const file = newFile(numbered(20_000));
    const reader = native.jsonlOpenReader(file, { batchSize: 10 });
    await native.jsonlNextBatch(reader);
    expect(isOpen(file)).toBe(true);
    expect(native.jsonlCloseReader(reader)).toBe(true);
    await until(() => !isOpen(file));
    expect(native.jsonlCloseReader(reader)).toBe(false);
    expect(await native.jsonlNextBatch(reader)).toBeNull();
    await expect(native.jsonlCountRest(reader)).rejects.toMatchObject(
      errorOf('INVALID_ARGUMENT', 'it is closed'),
    );
  });

  it.runIf(onLinux)('frees the file at once when the reader is ahead', async () => {
    const file = newFile(numbered(1000));
    const reader = native.jsonlOpenReader(file, { batchSize: 1 });
    // Long enough for a thread to read two lines.
    await new Promise((resolve) => setTimeout(resolve, 200));
    native.jsonlCloseReader(reader);
    expect(isOpen(file)).toBe(false);
  });

  it.runIf(onLinux)('is not needed at the end', async () => {
    const file = newFile(numbered(10));
    const reader = native.jsonlOpenReader(file);
    await native.jsonlNextBatch(reader);
    expect(await native.jsonlNextBatch(reader)).toBeNull();
    expect(isOpen(file)).toBe(false);
  });

  it('answers calls that wait with null', async () => {
    const file = newFile('{"a":1}\n');
    const reader = native.jsonlOpenReader(file, { follow: true });
    const calls = [
      native.jsonlNextBatch(reader),
      native.jsonlNextBatch(reader),
      native.jsonlNextBatch(reader),
    ];
    expect((await calls[0])?.contents).toEqual(['{"a":1}']);
    native.jsonlCloseReader(reader);
    expect(await Promise.all(calls.slice(1))).toEqual([null, null]);
  });
});

describe('jsonlCountRest', () => {
  it('counts all lines, those of batches and blank ones too', async () => {
    for (const taken of [0, 1, 2]) {
      const reader = open(newFile(`${numbered(2500)}\n\n"torn`));
      for (let batch = 0; batch < taken; batch += 1) await native.jsonlNextBatch(reader);
      expect(await native.jsonlCountRest(reader)).toBe(2503);
      expect(await native.jsonlNextBatch(reader)).toBeNull();
    }
    expect(await native.jsonlCountRest(open(newFile('')))).toBe(0);
  });

  it('counts from where the reader began', async () => {
    const content = numbered(10);
    const startOffset = (linesOf(content)[4] as native.JsonlLine).byteOffset;
    expect(await native.jsonlCountRest(open(newFile(content), { startOffset, startLine: 4 }))).toBe(6);
  });

  it('is refused while another call waits', async () => {
    const file = newFile('');
    const reader = open(file, { follow: true });
    const waiting = native.jsonlNextBatch(reader);
    await expect(native.jsonlCountRest(reader)).rejects.toMatchObject(
      errorOf('INVALID_ARGUMENT', 'another call'),
    );
    appendFileSync(file, '{"a":1}\n');
    expect((await waiting)?.contents).toEqual(['{"a":1}']);
    const counting = native.jsonlCountRest(reader);
    await expect(native.jsonlCountRest(reader)).rejects.toMatchObject(
      errorOf('INVALID_ARGUMENT', 'another call'),
    );
    native.jsonlCloseReader(reader);
    await expect(counting).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe.runIf(onLinux)('reading ahead', () => {
  it('ends two batches before who takes them, however large the file', async () => {
    const file = newFile(numbered(300_000, 'x'.repeat(1000)));
    const code = `
      const native = require(${JSON.stringify(addon)});
      const { readFileSync } = require('node:fs');
      const bytesRead = () => Number(/rchar: (\\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))[1]);
      const pause = () => new Promise((resolve) => setTimeout(resolve, 300));
      (async () => {
        const before = bytesRead();
        const reader = native.jsonlOpenReader(${JSON.stringify(file)});
        await pause();
        const ahead = bytesRead() - before;
        for (let batches = 0; batches < 10; batches += 1) await native.jsonlNextBatch(reader);
        await pause();
        const afterTen = bytesRead() - before;
        for (let batch; (batch = await native.jsonlNextBatch(reader)) !== null; ) {
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        const { maxRSS } = process.resourceUsage();
        process.stdout.write(JSON.stringify({ ahead, afterTen, all: bytesRead() - before, maxRSS }));
      })();`;
    const { stdout, stderr } = await run(process.execPath, ['--max-semi-space-size=2', '--eval', code]);
    expect(stderr).toBe('');
    const { ahead, afterTen, all, maxRSS } = JSON.parse(stdout);
    const batch = 1024 * 1024;
    expect(ahead).toBeGreaterThan(batch);
    expect(ahead).toBeLessThan(4 * batch);
    expect(afterTen).toBeGreaterThan(10 * batch);
    expect(afterTen).toBeLessThan(14 * batch);
    expect(all).toBeGreaterThan(statSync(file).size);
    // An empty process takes 45 MB or so, and the engine frees strings when it likes.
    expect(maxRSS * 1024).toBeLessThan(200 * batch);
  });
});

describe('a file that changes while it is read', () => {
  it('and becomes shorter is FILE_CHANGED, once, and the reader is closed', async () => {
    const file = newFile(numbered(300_000));
    const reader = open(file, { batchSize: 10 });
    await native.jsonlNextBatch(reader);
    truncateSync(file, 100);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100_000 }, () => native.jsonlNextBatch(reader)),
    );
    const failed = outcomes.filter(({ status }) => status === 'rejected');
    expect(failed).toMatchObject([{ reason: errorOf('FILE_CHANGED', file) }]);
    const behind = outcomes.slice(outcomes.indexOf(failed[0] as never) + 1);
    expect(new Set(behind.map((outcome) => 'value' in outcome && outcome.value))).toEqual(new Set([null]));
    expect(native.jsonlCloseReader(reader)).toBe(false);
  });

  it('and grows is read to its new end', async () => {
    const file = newFile(numbered(300_000));
    const reader = open(file);
    await native.jsonlNextBatch(reader);
    appendFileSync(file, '{"last":true}\n');
    expect((await batchesOf(reader)).at(-1)?.contents.at(-1)).toBe('{"last":true}');
  });

  it.skipIf(process.platform === 'win32')('and is removed is read to its end', async () => {
    const file = newFile(numbered(300_000));
    const reader = open(file);
    await native.jsonlNextBatch(reader);
    renameSync(newFile('{"new":true}\n'), file);
    expect((await batchesOf(reader)).at(-1)?.contents.at(-1)).toBe(numbered(300_000).split('\n').at(-2));
  });
});

describe('following', () => {
  const next = async (reader: number) => {
    const batch = await native.jsonlNextBatch(reader);
    return (
      batch && { ...batch, lines: records(batch).map(({ lineNumber, content }) => [lineNumber, content]) }
    );
  };

  it('gives what is appended, a line when it is complete', async () => {
    const file = newFile('one\n');
    const reader = open(file, { follow: true });
    expect((await next(reader))?.lines).toEqual([[0, 'one']]);
    appendFileSync(file, 'two\nthr');
    expect((await next(reader))?.lines).toEqual([[1, 'two']]);
    const waiting = next(reader);
    appendFileSync(file, 'ee\n');
    expect((await waiting)?.lines).toEqual([[2, 'three']]);
  });

  it('goes on with a file that is truncated or replaced, from its head', async () => {
    const file = newFile('one\ntwo\nthree\n');
    const reader = open(file, { follow: true });
    expect(await next(reader)).not.toHaveProperty('restarted');
    truncateSync(file, 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    appendFileSync(file, 'four\n');
    expect(await next(reader)).toMatchObject({ lines: [[0, 'four']], restarted: true });
    renameSync(newFile('five\nsix\n'), file);
    expect(await next(reader)).toMatchObject({
      lines: [
        [0, 'five'],
        [1, 'six'],
      ],
      restarted: true,
    });
    appendFileSync(file, 'seven\n');
    const last = await next(reader);
    expect(last?.lines).toEqual([[2, 'seven']]);
    expect(last).not.toHaveProperty('restarted');
  });

  it('begins at an offset, and with a filter', async () => {
    const content = numbered(10);
    const file = newFile(content);
    const reader = open(file, {
      follow: true,
      startOffset: Buffer.byteLength(content),
      startLine: 10,
      filters: [{ fieldPath: 'n', operator: 'gt', value: 1 }],
    });
    const waiting = next(reader);
    appendFileSync(file, numbered(3));
    expect((await waiting)?.lines).toEqual([[12, numbered(3).split('\n')[2]]]);
  });

  it('of what is no file is refused', () => {
    expect(thrownBy(() => native.jsonlOpenReader(temporaryFolder(), { follow: true }))).toMatchObject({
      code: 'NOT_A_FILE',
    });
    const expected = errorOf('INVALID_ARGUMENT', 'standard input');
    expect(thrownBy(() => native.jsonlOpenStdin({ follow: true }))).toMatchObject(expected);
    expect(thrownBy(() => native.jsonlOpenStdin({ startOffset: 1 }))).toMatchObject(expected);
  });
});

describe.runIf(process.platform !== 'win32')('a named pipe', () => {
  const newPipe = () => {
    const pipe = join(temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    return pipe;
  };

  it('is waited for, and read as it is written', async () => {
    const pipe = newPipe();
    const reader = open(pipe);
    const waiting = native.jsonlNextBatch(reader);
    // Opening it for writing waits for the reader, so not on this thread.
    const writer = createWriteStream(pipe);
    writer.write('one\ntwo\nthr');
    expect((await waiting)?.contents).toEqual(['one', 'two']);
    writer.end('ee');
    expect((await batchesOf(reader)).flatMap(({ contents }) => contents)).toEqual(['three']);
  });

  it('that nobody writes to does not hold up the program that closes it', async () => {
    const reader = native.jsonlOpenReader(newPipe());
    const waiting = native.jsonlNextBatch(reader);
    expect(native.jsonlCloseReader(reader)).toBe(true);
    expect(await waiting).toBeNull();
  });

  it('has no place to start at', async () => {
    const pipe = newPipe();
    const reader = open(pipe, { startOffset: 5 });
    const handle = openSync(pipe, 'r+');
    await expect(native.jsonlNextBatch(reader)).rejects.toMatchObject(errorOf('IO_FAILED', pipe));
    closeSync(handle);
  });
});

describe('the standard input', () => {
  const script = (body: string) => `
    const native = require(${JSON.stringify(addon)});
    (async () => { ${body} })();`;

  /** Runs a script with this input; without one, the input stays open. */
  async function withInput(body: string, input?: string | Uint8Array) {
    const child = spawn(process.execPath, ['--eval', script(body)], { stdio: ['pipe', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    if (input !== undefined) child.stdin.end(input);
    const code = await new Promise((resolve) => child.once('close', resolve));
    child.stdin.destroy();
    return { code, stdout };
  }

  it('is read to its end', async () => {
    const body = `
      const reader = native.jsonlOpenStdin({ filters: [{ fieldPath: 'n', operator: 'gte', value: 4998 }] });
      for (let batch; (batch = await native.jsonlNextBatch(reader)) !== null; ) {
        batch.contents.forEach((content, index) => console.log(batch.lineNumbers[index], JSON.parse(content).n));
      }`;
    expect(await withInput(body, numbered(5000))).toEqual({ code: 0, stdout: '4998 4998\n4999 4999\n' });
  });

  it('is counted', async () => {
    const body = 'console.log(await native.jsonlCountRest(native.jsonlOpenStdin()));';
    expect(await withInput(body, `${numbered(100_000)}\n"torn`)).toEqual({ code: 0, stdout: '100002\n' });
    expect(await withInput(body, '')).toEqual({ code: 0, stdout: '0\n' });
  });

  it('does not keep a process that does not wait for it', async () => {
    const body = `
      const reader = native.jsonlOpenStdin();
      process.once('exit', () => console.log('end'));`;
    expect(await withInput(body)).toEqual({ code: 0, stdout: 'end\n' });
    const closing = `
      const reader = native.jsonlOpenStdin();
      const waiting = native.jsonlNextBatch(reader);
      setTimeout(() => native.jsonlCloseReader(reader), 50);
      console.log(await waiting);`;
    expect(await withInput(closing)).toEqual({ code: 0, stdout: 'null\n' });
  });

  it('does not hold up process.exit', async () => {
    const body = `
      native.jsonlNextBatch(native.jsonlOpenStdin());
      setTimeout(() => process.exit(7), 50);`;
    expect(await withInput(body)).toEqual({ code: 7, stdout: '' });
  });
});

describe('a process', () => {
  it('goes on while a batch is awaited, and ends while none is', async () => {
    const file = newFile(numbered(10_000));
    const code = `
      const native = require(${JSON.stringify(addon)});
      native.jsonlOpenReader(${JSON.stringify(file)}, { batchSize: 1 });
      native.jsonlOpenReader(${JSON.stringify(file)}, { follow: true });
      const reader = native.jsonlOpenReader(${JSON.stringify(file)});
      (async () => {
        let lines = 0;
        for (let batch; (batch = await native.jsonlNextBatch(reader)) !== null; ) lines += batch.contents.length;
        console.log(lines);
      })();`;
    expect(await run(process.execPath, ['--eval', code])).toEqual({ code: 0, stdout: '10000\n', stderr: '' });
  });
});

describe('a worker thread that ends', () => {
  it.runIf(onLinux)('closes its readers, those that are awaited too', async () => {
    const file = newFile(numbered(100_000));
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      const native = require(workerData.addon);
      const readers = [
        native.jsonlOpenReader(workerData.file, { batchSize: 1 }),
        native.jsonlOpenReader(workerData.file, { follow: true, startOffset: workerData.size }),
        native.jsonlOpenReader(workerData.file),
      ];
      native.jsonlNextBatch(readers[1]);
      native.jsonlStream(workerData.file, () => new Promise(() => {}), 10);
      native.jsonlCountRest(readers[2]);
      setTimeout(() => parentPort.postMessage(readers[0]), 50);`;
    const workerData = { addon, file, size: Buffer.byteLength(numbered(100_000)) };
    const worker = new Worker(code, { eval: true, workerData });
    const reader = await new Promise<number>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    expect(isOpen(file)).toBe(true);
    await worker.terminate();
    await until(() => !isOpen(file));
    expect(native.jsonlCloseReader(reader)).toBe(false);
    expect(native.jsonlCountLines(file)).toBe(100_000);
  });

  it('leaves the readers of others alone', async () => {
    const reader = open(newFile(numbered(10)), { batchSize: 1 });
    await native.jsonlNextBatch(reader);
    const code = `require(require('node:worker_threads').workerData).getNativeInfo();`;
    const worker = new Worker(code, { eval: true, workerData: addon });
    await new Promise((resolve) => worker.once('exit', resolve));
    expect(await batchesOf(reader)).toHaveLength(9);
  });
});

describe('many readers', () => {
  it('can be open at once, and leave no thread behind', async () => {
    const threads = () =>
      readdirSync('/proc/self/task').filter((id) => {
        try {
          return readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim() === 'han-reader';
        } catch {
          // It ended meanwhile.
          return false;
        }
      });
    // A thread that waits for the other end of a pipe may be among them.
    const before = onLinux ? threads() : [];
    const file = newFile(numbered(100));
    const readers = Array.from({ length: 50 }, () => native.jsonlOpenReader(file, { batchSize: 1 }));
    expect(new Set(readers).size).toBe(50);
    for (const reader of readers) expect((await native.jsonlNextBatch(reader))?.lineNumbers[0]).toBe(0);
    for (const reader of readers) expect(native.jsonlCloseReader(reader)).toBe(true);
    if (onLinux) await until(() => threads().every((id) => before.includes(id)));
  });
});
