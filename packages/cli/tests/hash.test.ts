import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Home, type Result, resultOf } from './han.js';

const home = new Home();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const files: Record<string, string> = {
  'a b': 'one',
  'back\\slash': 'two',
  'new\nline': 'three',
  'src/x.ts': 'x',
};

beforeAll(() => {
  mkdirSync(join(home.folder, 'src'));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(home.folder, name), content);
  }
});

async function withInput(args: string[], input: string): Promise<Result> {
  const child = home.start(args);
  child.stdin?.end(input);
  return await resultOf(child);
}

describe('han hash', () => {
  it('prints what sha256sum prints', async () => {
    const names = Object.keys(files);
    const expected = execFileSync('sha256sum', names, { cwd: home.folder, encoding: 'utf8' });
    expect(await home.han(['hash', ...names])).toEqual({ stdout: expected, stderr: '', exit: 0 });
    const zero = execFileSync('sha256sum', ['--zero', ...names], { cwd: home.folder, encoding: 'utf8' });
    expect((await home.han(['hash', '-0', ...names])).stdout).toBe(zero);
  });

  it('reads the standard input, and lists from it', async () => {
    expect(await withInput(['hash'], 'abc')).toMatchObject({ stdout: `${sha256('abc')}  -\n`, exit: 0 });
    const mixed = await withInput(['hash', 'a b', '-', '--algorithm', 'sha256'], 'abc');
    expect(mixed.stdout).toBe(`${sha256('one')}  a b\n${sha256('abc')}  -\n`);
    const listed = await withInput(['hash', '--files-from', '-', '-0'], 'a b\0new\nline\0');
    expect(listed.stdout).toBe(`${sha256('one')}  a b\0${sha256('three')}  new\nline\0`);
    expect((await withInput(['hash', '--files-from', '-'], '')).stdout).toBe('');
    expect(await withInput(['hash', '-', '-'], '')).toMatchObject({ exit: 2 });
    const missing = await home.han(['hash', '--files-from', 'missing']);
    expect(missing.exit).toBe(1);
    expect(missing.stderr).toContain('read missing: there is no such file (FILE_NOT_FOUND)');
    expect((await home.han(['hash', '--files-from', 'src'])).stderr).toContain('it is a folder (NOT_A_FILE)');
  });

  it('takes patterns, which must match something', async () => {
    expect(await home.han(['hash', '*.ts'])).toMatchObject({ stdout: `${sha256('x')}  src/x.ts\n`, exit: 0 });
    expect(await home.han(['hash', '*.nothing'])).toMatchObject({ stdout: '', exit: 3 });
    const invalid = await home.han(['hash', '[z-a']);
    expect(invalid.exit).toBe(1);
    expect(invalid.stderr).toContain('INVALID_PATTERN');
  });

  it('hashes by other functions', async () => {
    const { stdout } = await home.han(['hash', '--algorithm', 'blake3', 'a b']);
    expect(stdout).toMatch(/^[0-9a-f]{64} {2}a b\n$/);
    expect(stdout).not.toContain(sha256('one'));
    expect((await home.han(['hash', '--algorithm', 'xxh3-128', 'a b'])).stdout).toMatch(
      /^[0-9a-f]{32} {2}a b\n$/,
    );
    expect((await home.han(['hash', '--algorithm', 'md5', 'a b'])).exit).toBe(2);
  });

  it('tells what cannot be read, and hashes the rest', async () => {
    const { stdout, stderr, exit } = await home.han(['hash', 'missing', 'a b', 'src']);
    expect(stdout).toBe(`${sha256('one')}  a b\n`);
    expect(stderr).toContain('(FILE_NOT_FOUND)');
    expect(stderr).toContain('(NOT_A_FILE)');
    expect(stderr).toContain('help: for the files in it: han hash "src/**"');
    expect(exit).toBe(1);
    const json = await home.json(['hash', 'missing', 'a b']);
    expect(json).toMatchObject({
      exit: 1,
      value: {
        status: 'complete',
        algorithm: 'sha256',
        files: [
          { path: 'missing', code: 'FILE_NOT_FOUND' },
          { path: 'a b', hash: sha256('one') },
        ],
      },
    });
  });
});

describe('han hash --check', () => {
  it('accepts what sha256sum wrote, and the other way round', async () => {
    const names = Object.keys(files);
    const list = execFileSync('sha256sum', names, { cwd: home.folder, encoding: 'utf8' });
    writeFileSync(join(home.folder, 'SUMS'), list);
    const { stdout, exit } = await home.han(['hash', '--check', 'SUMS']);
    expect(exit).toBe(0);
    expect(stdout.split('\n').filter((line) => line.endsWith(': OK'))).toHaveLength(names.length);
    const own = await home.han(['hash', ...names]);
    execFileSync('sha256sum', ['--check', '--strict'], { cwd: home.folder, input: own.stdout });
    expect((await withInput(['hash', '--check', '-'], list)).exit).toBe(0);
  });

  it('finds what differs, is missing, or is no checksum', async () => {
    const wrong = `${sha256('other')}  a b\n${sha256('x')} *src/x.ts\n${sha256('y')}  missing\nnonsense\n`;
    const { stdout, stderr, exit } = await withInput(['hash', '--check', '-'], wrong);
    expect(exit).toBe(1);
    expect(stdout).toBe('a b: FAILED\nsrc/x.ts: OK\nmissing: FAILED open or read\n');
    expect(stderr).toContain('2 files of 3 did not match.');
    expect(stderr).toContain('1 line of the list could not be understood.');
    expect((await withInput(['hash', '--check', '-'], 'nonsense\n')).stderr).toContain('CHECKSUMS_NOT_FOUND');
    expect((await home.han(['hash', '--check', 'SUMS', 'a b'])).exit).toBe(2);
    // The hashes of another function say nothing.
    const other = execFileSync('sha512sum', ['a b'], { cwd: home.folder, encoding: 'utf8' });
    const unknown = await withInput(['hash', '--check', '-'], other);
    expect(unknown).toMatchObject({ stdout: '', exit: 1 });
    expect(unknown.stderr).toContain('CHECKSUMS_NOT_FOUND');
    expect(unknown.stderr).toContain('--algorithm');
    const { stdout: own } = await home.han(['hash', 'a b', '--algorithm', 'xxh3-128']);
    expect(await withInput(['hash', '--check', '-', '--algorithm', 'xxh3-128'], own)).toMatchObject({
      stdout: 'a b: OK\n',
      exit: 0,
    });
  });

  it('is described', () => {
    expect(readFileSync(new URL('../README.md', import.meta.url), 'utf8')).toContain('`han hash');
  });
});
