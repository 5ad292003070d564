import { spawn } from 'node:child_process';
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { bin, Home, resultOf, temporaryFolder } from './han.js';

const home = new Home();
const root = realpathSync(temporaryFolder());

beforeAll(() => {
  const files = [
    'a.ts',
    'src/b.ts',
    'src/b.test.ts',
    'src/deep/c.ts',
    '.hidden/d.ts',
    'out/e.ts',
    'package.json',
  ];
  for (const path of [...files, 'sp ace\nline']) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
  writeFileSync(join(root, '.ignore'), 'out/\n');
  symlinkSync('src', join(root, 'link'));
});

const glob = (...args: string[]) => home.han(['glob', '--root', root, ...args]);
const lines = (stdout: string) => stdout.split('\n').slice(0, -1);

describe('han glob', () => {
  it('lists files by shell rules, sorted', async () => {
    const { stdout, stderr, exit } = await glob('**/*.ts', '!**/*.test.ts');
    expect({ list: lines(stdout), stderr, exit }).toStrictEqual({
      list: ['a.ts', 'src/b.ts', 'src/deep/c.ts'],
      stderr: '',
      exit: 0,
    });
    expect(lines((await glob('*.ts')).stdout)).toStrictEqual(['a.ts']);
    expect(lines((await glob('*.ts', '--rules', 'compatible')).stdout)).toContain('src/deep/c.ts');
    expect(lines((await glob('!**/*.ts', '!sp*')).stdout)).toStrictEqual(['package.json']);
    // By compatible rules it is the name of a file.
    expect(await glob('!a.ts', '--rules', 'compatible')).toMatchObject({ stdout: '', exit: 3 });
  });

  it('has the switches that such programs have', async () => {
    expect(lines((await glob('**/*.ts', '--hidden')).stdout)).toContain('.hidden/d.ts');
    expect(lines((await glob('**/*.ts', '-I')).stdout)).toContain('out/e.ts');
    expect(lines((await glob('link/*.ts', '-L')).stdout)).toStrictEqual(['link/b.test.ts', 'link/b.ts']);
    expect(lines((await glob('**/*.ts', '--max-depth', '1')).stdout)).toStrictEqual(['a.ts']);
    expect(lines((await glob('**/*.TS', '-i', '--limit', '1')).stdout)).toStrictEqual(['a.ts']);
    expect(lines((await glob('a.*', '--absolute')).stdout)).toStrictEqual([join(root, 'a.ts')]);
    expect((await glob('sp*', 'a.ts', '-0')).stdout).toBe('a.ts\0sp ace\nline\0');
    expect(lines((await glob('--markers', 'package.json')).stdout)).toStrictEqual([root]);
  });

  it('reads patterns from the standard input', async () => {
    const child = spawn(process.execPath, [bin, 'glob', '--root', root, '-0', '--patterns-from', '-'], {
      env: home.environment(),
    });
    child.stdin.end('a.ts\0src/b.ts\0gone\0');
    expect(await resultOf(child)).toMatchObject({ stdout: 'a.ts\0src/b.ts\0', exit: 0 });
    const none = spawn(process.execPath, [bin, 'glob', '--root', root, '--patterns-from', '-'], {
      env: home.environment(),
    });
    none.stdin.end('');
    expect(await resultOf(none)).toMatchObject({ stdout: '', exit: 3 });
    const missing = await glob('--patterns-from', 'missing');
    expect(missing).toMatchObject({ stdout: '', exit: 1 });
    expect(missing.stderr).toContain('read missing: there is no such file (FILE_NOT_FOUND)');
  });

  it('tells by its exit code what happened', async () => {
    expect((await glob('nothing')).exit).toBe(3);
    const wrong = await glob('[a');
    expect(wrong.exit).toBe(1);
    expect(wrong.stderr).toContain('at character 1: this `[` is never closed');
    expect((await home.han(['glob', '--root', join(root, 'gone')])).exit).toBe(1);
    expect((await glob('*', '--rules', 'other')).exit).toBe(2);
    expect((await glob('--markers')).exit).toBe(2);
    const unused = await glob('--markers', 'package.json', '--no-ignore');
    expect(unused.exit).toBe(2);
    expect(unused.stderr).toContain('--markers does not go with --no-ignore');
    const { value, exit } = await home.json(['glob', '--root', root, 'a.ts']);
    expect(value).toMatchObject({ files: ['a.ts'], errors: [], status: 'complete', isLimited: false });
    expect(exit).toBe(0);
  });
});
