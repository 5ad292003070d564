import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { HanClient, HanError } from '@han/client';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'han-hash-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');
const { hash } = HanClient;

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const codeOf = async (promise: Promise<unknown>) =>
  await promise.then(
    () => 'nothing was thrown',
    (error: unknown) => (error instanceof HanError ? error.code : error),
  );

describe('HanClient.hash', () => {
  it('hashes bytes and texts', () => {
    expect(hash.bytes('abc')).toBe(sha256('abc'));
    expect(hash.bytes(Buffer.from('abc'), { algorithm: 'blake3' })).toHaveLength(64);
    expect(hash.bytes('', { algorithm: 'xxh3-128' })).toBe('99aa06d3014798d86001c324468d497f');
    const wrong = 'md5' as 'sha256';
    expect(() => hash.bytes('', { algorithm: wrong })).toThrow(HanError);
  });

  it('hashes files, also of one that cannot be read', async () => {
    const paths = [write('a', 'a'), write('b', 'b'), join(folder, 'missing')];
    const expected = [sha256('a'), sha256('b'), ''];
    expect(await Promise.all(paths.map((path) => hash.file(path)))).toEqual(expected);
    expect(paths.map((path) => hash.fileSync(path))).toEqual(expected);
    const byPath = Object.fromEntries(paths.map((path, index) => [path, expected[index]]));
    expect(await hash.filesByPath(paths)).toEqual(byPath);
    expect(hash.filesByPathSync(paths)).toEqual(byPath);
    const answer = await hash.files(paths);
    expect(answer).toMatchObject({ hashes: expected, status: 'complete', filesRead: 2, bytesRead: 2 });
    expect(answer.failures).toMatchObject([{ path: paths[2], index: 2, code: 'FILE_NOT_FOUND' }]);
    expect(hash.filesSync(paths)).toEqual(answer);
    expect(hash.filesSync(paths, { algorithm: 'xxh3-128' }).hashes[0]).toBe(
      hash.bytes('a', { algorithm: 'xxh3-128' }),
    );
  });

  it('keeps what it remembers in a file, with and without blocking', async () => {
    const { cache } = hash;
    const file = join(folder, 'hash-cache');
    cache.clear();
    expect([await cache.load(file), cache.loadSync(file)]).toEqual([0, 0]);
    expect([await cache.save(file), cache.saveSync(file)]).toEqual([false, false]);
    await expect(cache.load('')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(cache.save('')).rejects.toBeInstanceOf(HanError);
    expect(() => cache.loadSync('')).toThrow(HanError);
  });

  it('reports progress and ends at its signal', async () => {
    const large = join(folder, 'large');
    writeFileSync(large, '');
    truncateSync(large, 100 * 1024 ** 3);
    const signal = AbortSignal.timeout(200);
    const reports: number[] = [];
    const small = write('small', 'small');
    const answer = await hash.files([small, large], {
      signal,
      onProgress: ({ bytesDone }) => reports.push(bytesDone),
    });
    expect(answer).toMatchObject({ status: 'partial', hashes: [sha256('small'), ''] });
    expect(reports.length).toBeGreaterThan(1);
    expect(await codeOf(hash.file(large, { signal: AbortSignal.timeout(100) }))).toBe('CANCELLED');
    expect(await codeOf(hash.files([small], { signal: AbortSignal.abort() }))).toBe('CANCELLED');
    const thrown = new Error('enough');
    const onProgress = () => {
      throw thrown;
    };
    expect(await codeOf(hash.filesByPath([large], { onProgress }))).toBe(thrown);
  });

  it('is at hand on a client until that is closed', () => {
    const client = HanClient.open({ dbPath: join(folder, 'other.db') });
    expect(client.hash).toBe(HanClient.hash);
    expect(client.manifest).toBe(HanClient.manifest);
    client.close();
    expect(() => client.hash).toThrow(HanError);
    expect(() => client.manifest).toThrow(HanError);
  });
});

describe('a stream', () => {
  it('of any kind is hashed', async () => {
    const content = Buffer.alloc(11_000_000, 'some words');
    const path = write('streamed', content);
    expect(await hash.stream(createReadStream(path))).toBe(sha256(content));
    expect(await hash.stream([content], { algorithm: 'sha256' })).toBe(sha256(content));
    expect(await hash.stream(new Blob([content]).stream() as unknown as AsyncIterable<Uint8Array>)).toBe(
      sha256(content),
    );
    expect(await hash.stream(['a', Buffer.from('b'), 'ü'])).toBe(sha256('abü'));
    expect(await hash.stream([])).toBe(sha256(''));
    const signal = new AbortController().signal;
    expect(await hash.stream(createReadStream(path), { signal, algorithm: 'blake3' })).toBe(
      hash.bytes(content, { algorithm: 'blake3' }),
    );
  });

  it('that fails or gives what is no bytes rejects', async () => {
    const failing = new Readable({ read: () => failing.destroy(new Error('the device is gone')) });
    await expect(hash.stream(failing)).rejects.toThrow('the device is gone');
    expect(await codeOf(hash.stream([7 as unknown as string]))).toBe('INVALID_ARGUMENT');
    expect(await codeOf(hash.stream([], { algorithm: 'md5' as 'sha256' }))).toBe('INVALID_ARGUMENT');
  });

  it('ends at its signal, also one that gives nothing', async () => {
    const silent = new Readable({ read: () => undefined });
    const abort = new AbortController();
    const hashing = hash.stream(silent, { signal: abort.signal });
    await sleep(50);
    abort.abort();
    expect(await codeOf(hashing)).toBe('CANCELLED');
    await sleep(10);
    expect(silent.destroyed).toBe(true);
    expect(await codeOf(hash.stream(['a'], { signal: abort.signal }))).toBe('CANCELLED');
  });
});
