// Globs from JavaScript: what callers know, what is new, and the JavaScript world's own matchers as oracles.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { globSync } from 'tinyglobby';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';

type Picomatch = (patterns: string[], options: object) => (path: string) => boolean;
const picomatch = createRequire(import.meta.url)('picomatch') as Picomatch;

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'han-glob-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Starts work and cancels it at once. On a busy machine the work may win: then it is done again. */
async function cancelledAtOnce(start: (options: { jobId: number }) => Promise<unknown>) {
  for (;;) {
    const jobId = native.createJobId();
    const run = start({ jobId });
    native.cancelJob(jobId);
    const [ended] = await Promise.allSettled([run]);
    const isWhole = ended.status === 'fulfilled' && (ended.value as { status?: string }).status !== 'partial';
    if (!isWhole) return ended;
  }
}

function plant(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
}

function thrownBy(work: () => unknown): { code: string; message: string } {
  try {
    work();
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('nothing was thrown');
}

describe('what callers know', () => {
  it('finds files whose path matches, stars across folders, absolute and sorted', async () => {
    plant('b.ts', 'a/c.ts', 'a/ü.ts', 'a/d.js', '.hidden.ts', '.git/x.ts', 'out/e.ts');
    writeFileSync(join(root, '.gitignore'), 'out/\n');
    const expected = ['a/c.ts', 'a/ü.ts', 'b.ts'].map((path) => join(root, path));
    expect(native.findFilesWithGlob(root, ['*.ts'])).toStrictEqual(expected);
    expect(await native.findFilesWithGlobAsync(root, ['*.ts'])).toStrictEqual(expected);
    expect(native.findFilesWithGlob(root, ['{b,x}.ts', 'a/?.js'])).toStrictEqual(
      ['a/d.js', 'b.ts'].map((path) => join(root, path)),
    );
  });

  it('gives real paths behind a root that is a link', () => {
    plant('real/a.ts');
    symlinkSync('real', join(root, 'link'));
    expect(native.findFilesWithGlob(join(root, 'link'), ['*'])).toStrictEqual([join(root, 'real/a.ts')]);
  });

  it('is empty without patterns and without a root, and refuses what is no pattern', async () => {
    plant('a');
    expect(native.findFilesWithGlob(root, [])).toStrictEqual([]);
    expect(native.findFilesWithGlob(join(root, 'gone'), ['*'])).toStrictEqual([]);
    expect(native.findFilesWithGlob(join(root, 'a'), ['*'])).toStrictEqual([]);
    expect(native.findDirectoriesWithMarkers(join(root, 'gone'), ['a'])).toStrictEqual([]);
    const refused = { code: 'INVALID_PATTERN', message: expect.stringContaining('"a/[b" at character 3') };
    expect(thrownBy(() => native.findFilesWithGlob(root, ['*', 'a/[b']))).toMatchObject(refused);
    expect(thrownBy(() => native.findFilesWithGlob(join(root, 'gone'), ['a/[b']))).toMatchObject(refused);
    expect(thrownBy(() => native.findDirectoriesWithMarkers(root, ['a/[b']))).toMatchObject(refused);
    await expect(native.findFilesWithGlobAsync(root, ['a/[b'])).rejects.toMatchObject(refused);
    await expect(native.findDirectoriesWithMarkersAsync(root, ['a/[b'])).rejects.toMatchObject(refused);
    await expect(native.globFilesAsync(root, ['a/[b'])).rejects.toMatchObject(refused);
  });

  it('finds the folders that hold a marker', async () => {
    plant(
      'package.json',
      'a/package.json',
      'b/c/main.go',
      'package.json.d/x/package.json',
      '.h/package.json',
    );
    const expected = ['', 'a', 'package.json.d/x'].map((path) => join(root, path));
    // The root itself ends with a separator in no answer.
    const found = native.findDirectoriesWithMarkers(root, ['package.json']);
    expect(found.map((path) => join(path))).toStrictEqual(expected.map((path) => join(path)));
    expect(found[0]).toBe(root);
    expect(await native.findDirectoriesWithMarkersAsync(root, ['package.json'])).toStrictEqual(found);
    expect(native.findDirectoriesWithMarkers(root, ['*.go'])).toStrictEqual([join(root, 'b/c')]);
  });
});

describe('globFiles', () => {
  it('has the rules and the switches', async () => {
    plant('src/a.ts', 'src/b/c.TS', 'src/.d.ts', 'e.ts', 'src/x.test.ts', 'ignored.ts');
    mkdirSync(join(root, '.git'));
    writeFileSync(join(root, '.ignore'), 'ignored.ts\n');
    const find = (patterns: string[], options: object) =>
      native.globFiles(root, patterns, { rules: 'shell', ...options }).files;
    expect(find(['*.ts'], {})).toStrictEqual(['e.ts']);
    expect(find(['*.ts'], { ignoreFiles: false })).toStrictEqual(['e.ts', 'ignored.ts']);
    expect(find(['*.ts'], { dotIgnore: false })).toStrictEqual(['e.ts', 'ignored.ts']);
    expect(find(['**/*.ts', '!**/*.test.ts'], {})).toStrictEqual(['e.ts', 'src/a.ts']);
    expect(find(['src/*.ts'], { dot: true })).toStrictEqual(['src/.d.ts', 'src/a.ts', 'src/x.test.ts']);
    expect(find(['src/b/*.ts'], { caseInsensitive: true })).toStrictEqual(['src/b/c.TS']);
    expect(find(['**'], { maxDepth: 1 })).toStrictEqual(['e.ts']);
    expect(find(['**/a.ts'], { absolute: true })).toStrictEqual([join(root, 'src/a.ts')]);
    const limited = await native.globFilesAsync(root, ['*.ts'], { limit: 1 });
    expect(limited).toMatchObject({ files: ['e.ts'], isLimited: true, status: 'complete', errors: [] });
    expect(limited).toMatchObject({ errorCount: 0, unnameable: [], unnameableCount: 0 });
  });

  it('tells which paths match, with and without blocking', async () => {
    const paths = ['a.ts', 'src/b.ts', 'c.rs', 'd\0.ts'];
    const options = { rules: 'shell' } as const;
    expect(native.matchGlob(paths, ['*.ts'], options)).toStrictEqual(['a.ts', 'd\0.ts']);
    expect(await native.matchGlobAsync(paths, ['*.ts'], options)).toStrictEqual(['a.ts', 'd\0.ts']);
    expect(await native.matchGlobAsync([], ['*.ts'])).toStrictEqual([]);
    await expect(native.matchGlobAsync(paths, ['['])).rejects.toMatchObject({ code: 'INVALID_PATTERN' });
    const wrong = { rules: 'other' as 'shell' };
    await expect(native.matchGlobAsync(paths, ['*'], wrong)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it.skipIf(process.platform !== 'linux')(
    'gives paths that lead somewhere, whatever the root is called',
    () => {
      const folder = Buffer.concat([Buffer.from(`${root}/real`), Buffer.from([0xff])]);
      mkdirSync(folder);
      writeFileSync(Buffer.concat([folder, Buffer.from('/a.ts')]), 'content');
      symlinkSync(folder, join(root, 'link'));
      const expected = [join(root, 'link/a.ts')];
      expect(native.findFilesWithGlob(join(root, 'link'), ['*.ts'])).toStrictEqual(expected);
      expect(native.globFiles(join(root, 'link'), ['*.ts'], { absolute: true }).files).toStrictEqual(
        expected,
      );
      expect(native.checkAndBuildManifest(join(root, 'link'), ['*.ts']).files).toStrictEqual(expected);
    },
  );

  it('refuses roots and options that are none', async () => {
    plant('a');
    const code = (work: () => unknown) => thrownBy(work).code;
    expect(code(() => native.globFiles(join(root, 'gone'), ['*']))).toBe('FILE_NOT_FOUND');
    expect(code(() => native.globFiles(join(root, 'a'), ['*']))).toBe('NOT_A_DIRECTORY');
    expect(code(() => native.globFiles('a\0b', ['*']))).toBe('INVALID_ARGUMENT');
    expect(code(() => native.globFiles(root, ['*'], { rules: 'other' as 'shell' }))).toBe('INVALID_ARGUMENT');
    expect(code(() => native.globFiles(root, ['*'], { limit: -1 }))).toBe('INVALID_ARGUMENT');
    await expect(native.globFilesAsync(root, ['*'], { maxDepth: 0.5 })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it.runIf(process.platform === 'linux')('counts names that no string can hold', () => {
    plant('good');
    const name = Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0x61])]);
    writeFileSync(name, '');
    const { files, unnameable, unnameableCount } = native.globFiles(root, ['*']);
    expect({ files, unnameableCount }).toStrictEqual({ files: ['good'], unnameableCount: 1 });
    expect(Buffer.from(unnameable[0] ?? [])).toStrictEqual(Buffer.from([0xff, 0x61]));
  });

  it('reports progress and can be cancelled', async () => {
    plant(...Array.from({ length: 300 }, (_, index) => `${index}/a`));
    const reports: { folders: number; matches: number; elapsedMs: number }[] = [];
    await native.globFilesAsync(root, ['*'], { onProgress: (progress) => reports.push(progress) });
    expect(reports.at(-1)).toMatchObject({ folders: 301, matches: 300 });
    const thrown = new Error('stop');
    const stop = () => {
      throw thrown;
    };
    await expect(native.globFilesAsync(root, ['*'], { onProgress: stop })).rejects.toBe(thrown);
    const found = await cancelledAtOnce((options) => native.findFilesWithGlobAsync(root, ['*'], options));
    expect(found).toMatchObject({ status: 'rejected', reason: { code: 'CANCELLED' } });
    const partial = await cancelledAtOnce((options) => native.globFilesAsync(root, ['*'], options));
    expect(partial).toMatchObject({ status: 'fulfilled', value: { status: 'partial' } });
  });
});

describe('a walk that is pulled', () => {
  it('gives every file once, and null at its end', async () => {
    plant(...Array.from({ length: 50 }, (_, index) => `${index % 7}/${index}`));
    const walk = native.openGlob(root, ['*']);
    const files: string[] = [];
    for (let some = await native.globNextFiles(walk); some; some = await native.globNextFiles(walk)) {
      files.push(...some);
    }
    expect(files.sort()).toStrictEqual([...native.globFiles(root, ['*']).files].sort());
    await expect(native.globNextFiles(walk)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    native.closeGlob(walk);
    const closed = native.openGlob(root, ['*']);
    const waiting = native.globNextFiles(closed);
    native.closeGlob(closed);
    await waiting;
    const gone = native.openGlob(join(root, 'gone'), ['*']);
    await expect(native.globNextFiles(gone)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    native.closeGlob(gone);
  });
});

// ---------------------------------------------------------------------------------------------------------------

/** Numbers that look random and are the same in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const names = ['a', 'b', 'ab', 'a.ts', 'b.js', '.x', '.x.ts', 'A.ts', 'c-1', 'é.ts'];
const parts = [
  'a',
  'b',
  '*',
  '**',
  '?',
  '*.ts',
  'a*',
  '?b',
  '[ab]',
  '[!a]b',
  '{a,b}',
  '{a,b}.ts',
  '.*',
  '.x',
];
const more = ['*.{ts,js}', '+(a|b)', '@(a|ab)', '?(a)b', '[[:alpha:]]', '*b*', '{a,{b,ab}}', 'é.*', '[a-c]?'];

describe('shell rules', () => {
  it('match as picomatch does', () => {
    const next = generator(7);
    const pick = <T>(list: T[]): T => list[next(list.length)] as T;
    const paths = Array.from({ length: 200 }, () =>
      Array.from({ length: 1 + next(4) }, () => pick(names)).join('/'),
    );
    for (let round = 0; round < 3000; round += 1) {
      const pattern = Array.from({ length: 1 + next(4) }, () => pick([...parts, ...more])).join('/');
      const options = { dot: next(2) === 1, nocase: next(2) === 1, posix: true };
      const isMatch = picomatch([pattern], options);
      const ours = native.matchGlob(paths, [pattern], {
        rules: 'shell',
        dot: options.dot,
        caseInsensitive: options.nocase,
      });
      expect(ours, `${pattern} ${JSON.stringify(options)}`).toStrictEqual(
        paths.filter((path) => isMatch(path)),
      );
    }
  });

  it('find what tinyglobby finds in random trees', () => {
    const next = generator(11);
    const pick = <T>(list: T[]): T => list[next(list.length)] as T;
    // It leaves out hidden folders that `**/.*/**` matches by its own matcher.
    const safe = parts.filter((part) => part !== '.*');
    for (let tree = 0; tree < 5; tree += 1) {
      for (let file = 0; file < 60; file += 1) {
        const path = Array.from({ length: 1 + next(4) }, () => pick(names)).join('/');
        try {
          plant(path);
        } catch {
          // A name is a file and a folder's: the first one stays.
        }
      }
      for (let round = 0; round < 40; round += 1) {
        const one = () => Array.from({ length: 1 + next(3) }, () => pick(safe)).join('/');
        const patterns = [one(), one(), ...(next(2) === 1 ? [`!${one()}`] : [])];
        const dot = next(2) === 1;
        const theirs = globSync(patterns, {
          cwd: root,
          dot,
          expandDirectories: false,
          followSymbolicLinks: false,
        });
        const ours = native.globFiles(root, patterns, { rules: 'shell', dot, ignoreFiles: false }).files;
        expect([...ours].sort(), JSON.stringify(patterns)).toStrictEqual([...theirs].sort());
      }
      rmSync(root, { recursive: true });
      mkdirSync(root);
    }
  });
});

it('finds what git lists, without running it', () => {
  plant('a/b.ts', 'a/c.log', 'keep.log', 'build/x', '.github/y');
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' });
  git('init', '--quiet');
  writeFileSync(join(root, '.gitignore'), '*.log\n!keep.log\n/build\n');
  const listed = git('ls-files', '-co', '--exclude-standard', '-z').split('\0').filter(Boolean).sort();
  expect(native.globFiles(root, ['**'], { rules: 'shell', dot: true }).files).toStrictEqual(listed);
});
