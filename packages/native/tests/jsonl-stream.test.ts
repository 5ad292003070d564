// Lines that are pushed to a callback.
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf } from './contract/transcripts';
import { isBlank, linesOf, newFile, numbered, oddInputs } from './jsonl-files';
import { root, run } from './processes';

const addon = join(root, 'packages/native/index.js');

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe.each(Object.entries(oddInputs))('%s', (_, content) => {
  const lines = linesOf(content);

  it.each(lines.length > 10_000 ? [1000] : [1, 3, 1000])('comes in portions of %d', async (batchSize) => {
    const seen: native.JsonlLine[] = [];
    const count = await native.jsonlStream(
      newFile(content),
      (error, some) => {
        expect(error).toBeNull();
        expect(some.length).toBeGreaterThan(0);
        expect(some.length).toBeLessThanOrEqual(batchSize);
        seen.push(...some);
      },
      batchSize,
    );
    expect(seen).toStrictEqual(lines.filter((line) => !isBlank(line)));
    expect(count).toBe(lines.length);
  });
});

describe('the callback', () => {
  it('gets plain records that are its own', async () => {
    const kept: native.JsonlLine[][] = [];
    await native.jsonlStream(newFile(numbered(10)), (_, lines) => kept.push(lines), 4);
    expect(kept.map((lines) => lines.length)).toEqual([4, 4, 2]);
    expect(kept.every(Array.isArray)).toBe(true);
    expect(kept.flat()).toStrictEqual(linesOf(numbered(10)));
  });

  it.each([new Error('mine'), 'a text', 42, undefined, null, { some: 'object' }])(
    'that throws %o ends the reading, and the promise rejects with it',
    async (thrown) => {
      for (const fail of [
        () => {
          throw thrown;
        },
        () => Promise.reject(thrown),
        async () => {
          await pause(1);
          throw thrown;
        },
      ]) {
        let calls = 0;
        const callback = () => {
          calls += 1;
          return fail();
        };
        const outcome = await native.jsonlStream(newFile(numbered(100)), callback, 10).then(
          () => 'resolved',
          (reason: unknown) => ({ reason }),
        );
        expect(outcome).toEqual({ reason: thrown });
        expect((outcome as { reason: unknown }).reason).toBe(thrown);
        expect(calls).toBe(1);
      }
    },
  );

  it('is waited for when it returns a promise', async () => {
    let running = 0;
    let most = 0;
    const callback = async () => {
      running += 1;
      most = Math.max(most, running);
      await pause(1);
      running -= 1;
    };
    expect(await native.jsonlStream(newFile(numbered(50)), callback, 10)).toBe(50);
    expect({ running, most }).toEqual({ running: 0, most: 1 });
  });

  it('may return anything else, and use the file itself', async () => {
    const file = newFile(numbered(50));
    let counted = 0;
    const callback = () => {
      counted += native.jsonlCountLines(file);
      return 'ignored';
    };
    await native.jsonlStream(file, callback, 10);
    expect(counted).toBe(250);
  });

  it('leaves the event loop its turns', async () => {
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    });
    await native.jsonlStream(newFile(numbered(5000)), () => undefined, 1);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);
  });

  it.each([undefined, null, 5, 'text', {}])('that is %j is INVALID_ARGUMENT', async (callback) => {
    await expect(native.jsonlStream(newFile(''), callback as never, 1)).rejects.toMatchObject(
      errorOf('INVALID_ARGUMENT', 'callback'),
    );
  });
});

describe('the stream', () => {
  it('rejects when the file becomes shorter, and does not call the callback with that', async () => {
    const file = newFile(numbered(300_000));
    const errors = new Set<unknown>();
    let calls = 0;
    const stream = native.jsonlStream(
      file,
      (error) => {
        errors.add(error);
        calls += 1;
        if (calls === 1) truncateSync(file, 10);
      },
      100,
    );
    await expect(stream).rejects.toMatchObject(errorOf('FILE_CHANGED', file));
    expect(errors).toEqual(new Set([null]));
  });

  it('runs beside others', async () => {
    const counts = await Promise.all(
      [10, 2000, 300].map((lines) => native.jsonlStream(newFile(numbered(lines)), () => undefined, 7)),
    );
    expect(counts).toEqual([10, 2000, 300]);
  });

  it.runIf(process.platform === 'linux')('reads no further than two batches ahead', async () => {
    const file = newFile(numbered(100_000, 'x'.repeat(1000)));
    const code = `
      const native = require(${JSON.stringify(addon)});
      const { readFileSync } = require('node:fs');
      const bytesRead = () => Number(/rchar: (\\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))[1]);
      const before = bytesRead();
      let read;
      native.jsonlStream(${JSON.stringify(file)}, () => {
        // A callback that takes its time.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
        read = bytesRead() - before;
        throw new Error('enough');
      }, 1000).catch(() => process.stdout.write(String(read)));`;
    const { stdout, stderr } = await run(process.execPath, ['--eval', code]);
    expect(stderr).toBe('');
    expect(Number(stdout)).toBeGreaterThan(1024 * 1024);
    expect(Number(stdout)).toBeLessThan(5 * 1024 * 1024);
  });

  it('keeps the process until it is done', async () => {
    const file = newFile(numbered(10_000));
    const code = `
      require(${JSON.stringify(addon)})
        .jsonlStream(${JSON.stringify(file)}, () => {}, 10)
        .then((lines) => process.stdout.write(String(lines)));`;
    expect(await run(process.execPath, ['--eval', code])).toEqual({ code: 0, stdout: '10000', stderr: '' });
  });
});
