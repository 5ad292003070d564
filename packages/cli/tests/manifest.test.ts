import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { Home } from './han.js';

let home: Home;
let root: string;
beforeEach(() => {
  home = new Home();
  root = join(home.folder, 'tree');
  mkdirSync(join(root, 'src'), { recursive: true });
  writeFileSync(join(root, 'src/a.ts'), 'one');
  writeFileSync(join(root, 'src/b.ts'), 'two');
  writeFileSync(join(root, 'README'), 'three');
});

describe('han manifest', () => {
  it('tells what was added, changed and removed', async () => {
    const written = await home.han(['manifest', 'write', '--root', 'tree']);
    expect(written).toMatchObject({ exit: 0, stderr: '' });
    expect(written.stdout).toContain('3 files in ');
    const unchanged = await home.han(['manifest', 'check', '--root', 'tree']);
    expect(unchanged).toEqual({ stdout: '', stderr: '0 added, 0 changed, 0 removed\n', exit: 0 });

    const { atime, mtime } = statSync(join(root, 'src/a.ts'));
    writeFileSync(join(root, 'src/a.ts'), 'ONE');
    utimesSync(join(root, 'src/a.ts'), atime, mtime);
    rmSync(join(root, 'src/b.ts'));
    writeFileSync(join(root, 'src/c.ts'), 'new');
    const changed = await home.han(['manifest', 'check', '--root', 'tree']);
    expect(changed).toEqual({
      stdout: 'added    src/c.ts\nchanged  src/a.ts\nremoved  src/b.ts\n',
      stderr: '1 added, 1 changed, 1 removed\n',
      exit: 1,
    });
    expect(await home.json(['manifest', 'check', '--root', 'tree'])).toMatchObject({
      exit: 1,
      value: {
        status: 'complete',
        hasChanges: true,
        added: ['src/c.ts'],
        changed: ['src/a.ts'],
        removed: ['src/b.ts'],
        fileCount: 3,
        failures: [],
      },
    });
  });

  it('keeps patterns and hashes in a file that people can read', async () => {
    const { exit } = await home.han([
      'manifest',
      'write',
      '*.ts',
      '--root',
      'tree',
      '--file',
      'tree/kept.json',
    ]);
    expect(exit).toBe(0);
    const kept = JSON.parse(readFileSync(join(root, 'kept.json'), 'utf8'));
    expect(kept).toMatchObject({
      format: 'han-manifest',
      version: 1,
      algorithm: 'sha256',
      patterns: ['*.ts'],
    });
    expect(Object.keys(kept.files)).toEqual(['src/a.ts', 'src/b.ts']);
    // The file lies in the tree and is no part of it.
    const all = await home.han(['manifest', 'write', '**', '--root', 'tree', '--file', 'tree/kept.json']);
    expect(all.stdout).toContain('3 files in ');
    const check = await home.han(['manifest', 'check', '--root', 'tree', '--file', 'tree/kept.json']);
    expect(check).toMatchObject({ exit: 0, stdout: '' });
    // Only some of the files that were kept may be asked for.
    rmSync(join(root, 'README'));
    const some = await home.han(['manifest', 'check', '*.ts', '--root', 'tree', '--file', 'tree/kept.json']);
    expect(some).toMatchObject({ exit: 0, stdout: '' });
    const gone = await home.han(['manifest', 'check', 'READ*', '--root', 'tree', '--file', 'tree/kept.json']);
    expect(gone).toMatchObject({ exit: 1, stdout: 'removed  README\n' });
  });

  it.skipIf(process.platform === 'win32')('reads no file of an unchanged tree', async () => {
    // Files that were just written are not settled.
    await sleep(2200);
    const first = await home.json(['manifest', 'write', '--root', 'tree']);
    expect(first.value).toMatchObject({ filesRead: 3, bytesRead: 11, fileCount: 3 });
    const cache = join(home.folder, 'data', 'hash-cache');
    expect(statSync(cache).mode & 0o777).toBe(0o600);
    const second = await home.json(['manifest', 'check', '--root', 'tree']);
    expect(second).toMatchObject({ exit: 0, value: { filesRead: 0, bytesRead: 0 } });
    writeFileSync(cache, 'damaged');
    expect(await home.json(['manifest', 'check', '--root', 'tree'])).toMatchObject({
      exit: 0,
      value: { filesRead: 3 },
    });
    expect(existsSync(join(home.folder, 'data', 'han.db'))).toBe(false);
  });

  it('tells what is missing or wrong', async () => {
    const missing = await home.han(['manifest', 'check', '--root', 'tree']);
    expect(missing.exit).toBe(1);
    expect(missing.stderr).toContain('FILE_NOT_FOUND');
    expect(missing.stderr).toContain('han manifest write');
    const folder = await home.han(['manifest', 'check', '--root', 'tree', '--file', 'tree']);
    expect(folder.exit).toBe(1);
    expect(folder.stderr).toContain('it is a folder (NOT_A_FILE)');
    const unwritable = await home.han(['manifest', 'write', '--root', 'tree', '--file', 'no/where.json']);
    expect(unwritable.exit).toBe(1);
    expect(unwritable.stderr).toContain('FILE_UNWRITABLE');
    expect(unwritable.stderr).toContain('--file');
    writeFileSync(join(root, '.han-manifest.json'), '{"format":"other"}');
    expect((await home.han(['manifest', 'check', '--root', 'tree'])).stderr).toContain('MANIFEST_INVALID');
    expect((await home.han(['manifest', 'write', '--root', 'nowhere'])).stderr).toContain('FILE_NOT_FOUND');
    expect((await home.han(['manifest', 'write', '[z-a', '--root', 'tree'])).stderr).toContain(
      'INVALID_PATTERN',
    );
  });

  it.skipIf(process.platform !== 'linux')('does not vouch for what it cannot read', async () => {
    // No path of a manifest names it.
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff])]), 'unnameable');
    const written = await home.han(['manifest', 'write', '--root', 'tree']);
    expect(written).toMatchObject({ exit: 1, stdout: expect.stringContaining('3 files in ') });
    expect(written.stderr).toContain('it is not UTF-8');
    const check = await home.han(['manifest', 'check', '--root', 'tree']);
    expect(check).toMatchObject({ exit: 1, stdout: '' });
    expect(check.stderr).toContain('0 added, 0 changed, 0 removed');
  });
});
