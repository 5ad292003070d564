// Hashes from JavaScript, held against node:crypto: what comes back, what is thrown, and that the twins are the same.
import { execFileSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { sha256, thrownBy } from './hash-support';
import { root as repository } from './processes';

const around = mkdtempSync(join(tmpdir(), 'han-hash-'));
afterAll(() => rmSync(around, { recursive: true, force: true }));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(around, 'test-'));
});

const empty = sha256('');
const blake3OfNothing = 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262';
const xxh3OfNothing = '99aa06d3014798d86001c324468d497f';

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('bytes', () => {
  it('hash as node:crypto says, as text and as bytes', async () => {
    for (const data of ['', 'abc', 'ü€😀', 'a'.repeat(100_000)]) {
      expect(native.hashBytes(data)).toBe(sha256(data));
      expect(native.hashBytes(Buffer.from(data), 'sha256')).toBe(sha256(data));
      expect(await native.hashBytesAsync(new TextEncoder().encode(data))).toBe(sha256(data));
    }
    const bytes = Uint8Array.from({ length: 5000 }, (_, index) => index * 7);
    expect(native.hashBytes(bytes.subarray(3, 4000))).toBe(sha256(bytes.subarray(3, 4000)));
  });

  it('have other hashes by name, and none by another', async () => {
    expect(native.hashBytes('', 'blake3')).toBe(blake3OfNothing);
    expect(native.hashBytes('', 'xxh3-128')).toBe(xxh3OfNothing);
    const wrong = 'md5' as 'sha256';
    expect(thrownBy(() => native.hashBytes('', wrong)).code).toBe('INVALID_ARGUMENT');
    await expect(native.hashBytesAsync('', wrong)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(thrownBy(() => native.hashBytes(7 as unknown as string)).code).toBe('INVALID_ARGUMENT');
  });

  it('are those of the moment of the call', async () => {
    const bytes = Buffer.alloc(8 * 1024 * 1024, 1);
    const expected = sha256(bytes);
    const hash = native.hashBytesAsync(bytes);
    bytes.fill(2);
    expect(await hash).toBe(expected);
  });

  it('may come piece by piece', () => {
    for (const algorithm of ['sha256', 'blake3', 'xxh3-128'] as const) {
      const hasher = native.createHasher(algorithm);
      native.updateHasher(hasher, 'a');
      native.updateHasher(hasher, Buffer.from('bc'));
      expect(native.digestHasher(hasher)).toBe(native.hashBytes('abc', algorithm));
      native.updateHasher(hasher, 'd');
      expect(native.digestHasher(hasher)).toBe(native.hashBytes('abcd', algorithm));
      expect(native.closeHasher(hasher)).toBe(true);
      expect(native.closeHasher(hasher)).toBe(false);
      expect(thrownBy(() => native.updateHasher(hasher, 'e')).code).toBe('INVALID_ARGUMENT');
      expect(thrownBy(() => native.digestHasher(-1)).code).toBe('INVALID_ARGUMENT');
    }
  });

  it('piece by piece are freed with the worker that began them', async () => {
    const source = `
      const { parentPort } = require('node:worker_threads');
      const native = require(${JSON.stringify(join(repository, 'packages/native/index.js'))});
      parentPort.postMessage(native.createHasher());`;
    const worker = new Worker(source, { eval: true });
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    const hasher = await new Promise<number>((resolve) => worker.once('message', resolve));
    await ended;
    expect(thrownBy(() => native.updateHasher(hasher, 'a')).code).toBe('INVALID_ARGUMENT');
  });
});

describe('files', () => {
  it('hash as node:crypto and sha256sum say', async () => {
    const sizes = [0, 1, 55, 64, 4095, 65_536, 262_143, 262_144, 262_145, 3_000_000, 9_000_001];
    const contents = sizes.map((size) => Buffer.alloc(size, `${size} bytes `));
    const paths = contents.map((content) => write(`${content.length}`, content));
    const expected = contents.map(sha256);
    expect(paths.map((path) => native.computeFileHash(path))).toEqual(expected);
    expect(await Promise.all(paths.map((path) => native.computeFileHashAsync(path)))).toEqual(expected);
    const record = Object.fromEntries(paths.map((path, index) => [path, expected[index]]));
    expect(native.computeFileHashesParallel(paths)).toEqual(record);
    expect(await native.computeFileHashesParallelAsync(paths)).toEqual(record);
    expect(native.hashFiles(paths)).toEqual({
      hashes: expected,
      failures: [],
      filesRead: paths.length,
      bytesRead: sizes.reduce((sum, size) => sum + size),
      status: 'complete',
    });
    const lines = execFileSync('sha256sum', paths, { encoding: 'utf8' }).trimEnd().split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual(expected);
  });

  it('that cannot be read are the empty text', async () => {
    const paths = [join(folder, 'missing'), folder, '', 'a\0b', `${write('file', '')}/below`];
    for (const path of paths) {
      expect(native.computeFileHash(path)).toBe('');
      expect(await native.computeFileHashAsync(path)).toBe('');
    }
    expect(native.computeFileHashesParallel(paths)).toEqual(
      Object.fromEntries(paths.map((path) => [path, ''])),
    );
    expect(native.computeFileHashesParallel([])).toEqual({});
  });

  it('are answered one by one, with what is wrong with each', async () => {
    const good = write('good', 'abc');
    const paths = [join(folder, 'missing'), good, folder, 'a\0b', good];
    const answer = native.hashFiles(paths, { algorithm: 'blake3' });
    const hash = native.hashBytes('abc', 'blake3');
    expect(answer.hashes).toEqual(['', hash, '', '', hash]);
    expect(answer.failures.map(({ path, index, code }) => [path, index, code])).toEqual([
      [paths[0], 0, 'FILE_NOT_FOUND'],
      [folder, 2, 'NOT_A_FILE'],
      ['a\0b', 3, 'INVALID_ARGUMENT'],
    ]);
    expect(answer.failures[0]?.message).toMatch(/^\[FILE_NOT_FOUND\] read .*missing/);
    expect(await native.hashFilesAsync(paths, { algorithm: 'blake3' })).toEqual(answer);
  });

  it('of odd names are keyed by these names', () => {
    const names = ['__proto__', 'constructor', '7', 'ü €😀', 'new\nline', '-dash', ' '];
    const paths = names.map((name) => write(name, name));
    const record = native.computeFileHashesParallel(paths);
    expect(Object.keys(record).sort()).toEqual([...paths].sort());
    const missing = native.computeFileHashesParallel(['__proto__', 'constructor', '']);
    expect(Object.getOwnPropertyNames(missing)).toEqual(['__proto__', 'constructor', '']);
    expect(Object.getPrototypeOf(missing)).toBe(Object.prototype);
  });

  it.skipIf(process.platform === 'win32')('that are pipes, devices and loops neither hang nor count', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    symlinkSync('loop', join(folder, 'loop'));
    const answer = native.hashFiles([pipe, '/dev/zero', join(folder, 'loop')]);
    expect(answer.failures.map(({ code }) => code)).toEqual(['NOT_A_FILE', 'NOT_A_FILE', 'IO_FAILED']);
    expect(native.computeFileHash(pipe)).toBe('');
  });

  it('in great numbers are hashed all', () => {
    const path = write('one', 'abc');
    const missing = join(folder, 'missing');
    const paths = Array.from({ length: 100_000 }, (_, index) => (index % 1000 === 7 ? missing : path));
    const { hashes, failures } = native.hashFiles(paths);
    expect(hashes).toHaveLength(100_000);
    expect(failures).toHaveLength(100);
    expect(new Set(hashes)).toEqual(new Set([sha256('abc'), '']));
  });
});

describe('jobs', () => {
  let large: string;
  beforeAll(() => {
    large = join(around, 'large');
    writeFileSync(large, '');
    // Takes no room, and a minute to hash.
    truncateSync(large, 100 * 1024 ** 3);
  });

  it('report progress up to the last file', async () => {
    const paths = Array.from({ length: 500 }, (_, index) => write(`${index}`, `${index}`));
    const reports: native.HashProgress[] = [];
    await native.hashFilesAsync(paths, { onProgress: (progress) => reports.push(progress) });
    expect(reports.at(-1)).toMatchObject({
      filesDone: 500,
      filesTotal: 500,
      bytesDone: 10 + 90 * 2 + 400 * 3,
    });
    const done = reports.map(({ filesDone }) => filesDone);
    expect(done).toEqual([...done].sort((one, other) => one - other));
  });

  it('keep what was finished when they are cancelled', async () => {
    const small = write('small', 'abc');
    const jobId = native.createJobId();
    const run = native.hashFilesAsync([small, large, small, large], { jobId });
    await sleep(200);
    expect(native.cancelJob(jobId)).toBe(true);
    const answer = await run;
    expect(answer.status).toBe('partial');
    expect(answer.hashes).toEqual([sha256('abc'), '', sha256('abc'), '']);
    expect(answer.failures).toEqual([]);
  });

  it('reject where half an answer is none', async () => {
    for (const start of [
      (options: native.HashJobOptions) => native.computeFileHashAsync(large, options),
      (options: native.HashJobOptions) => native.computeFileHashesParallelAsync([large], options),
      (options: native.HashJobOptions) => native.buildManifestAsync([large], around, options),
    ]) {
      const jobId = native.createJobId();
      const run = start({ jobId });
      setTimeout(() => native.cancelJob(jobId), 100);
      await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
    }
  });

  it('end with what the progress function throws', async () => {
    const thrown = new Error('enough');
    const onProgress = () => {
      throw thrown;
    };
    await expect(native.hashFilesAsync([large], { onProgress })).rejects.toBe(thrown);
  });
});

describe.skipIf(process.platform === 'win32')('the cache', () => {
  /** Until a file that was just written counts as settled. */
  const settled = 2200;

  it('knows a file that did not change, and every edit', async () => {
    native.clearHashCache();
    const path = write('file', 'one');
    linkSync(path, join(folder, 'link'));
    const hash = () => native.hashFiles([path], { useCache: true });
    expect(hash().filesRead).toBe(1);
    expect(hash().filesRead).toBe(1);
    await sleep(settled);
    expect(hash().filesRead).toBe(1);
    expect(hash()).toMatchObject({ filesRead: 0, bytesRead: 0, hashes: [sha256('one')] });
    expect(native.hashFiles([join(folder, 'link')], { useCache: true }).filesRead).toBe(0);
    expect(native.hashFiles([path]).filesRead).toBe(1);

    const { atime, mtime } = statSync(path);
    writeFileSync(path, 'two');
    utimesSync(path, atime, mtime);
    expect(hash()).toMatchObject({ filesRead: 1, hashes: [sha256('two')] });
  });

  it('outlives the process in a file', async () => {
    native.clearHashCache();
    const path = write('file', 'one');
    const file = join(folder, 'data', 'hash-cache');
    await sleep(settled);
    native.hashFiles([path], { useCache: true });
    expect(native.saveHashCache(file)).toBe(true);
    expect(native.saveHashCache(file)).toBe(false);
    expect(await native.saveHashCacheAsync(join(folder, 'other'))).toBe(false);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(native.clearHashCache()).toBe(1);
    expect(native.loadHashCache(file)).toBe(1);
    expect(native.hashFiles([path], { useCache: true }).filesRead).toBe(0);

    native.clearHashCache();
    native.hashFiles([path], { useCache: true });
    expect(await native.saveHashCacheAsync(file)).toBe(true);
    native.clearHashCache();
    expect(await native.loadHashCacheAsync(file)).toBe(1);
    expect(native.hashFiles([path], { useCache: true }).filesRead).toBe(0);
    await expect(native.loadHashCacheAsync('')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });

    native.clearHashCache();
    writeFileSync(file, 'damaged');
    expect(native.loadHashCache(file)).toBe(0);
    expect(native.loadHashCache(join(folder, 'missing'))).toBe(0);
    expect(thrownBy(() => native.loadHashCache('')).code).toBe('INVALID_ARGUMENT');
    mkdirSync(join(folder, 'taken'));
    native.hashFiles([path], { useCache: true });
    expect(thrownBy(() => native.saveHashCache(join(path, 'below'))).code).toBe('NOT_A_DIRECTORY');
  });
});

it('nothing is the hash of an empty file', () => {
  expect(native.computeFileHash(write('empty', ''))).toBe(empty);
});
