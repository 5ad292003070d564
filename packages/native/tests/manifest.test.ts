// Manifests from JavaScript, held against a twin that walks and reads everything.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { sha256, thrownBy } from './hash-support';

const around = realpathSync(mkdtempSync(join(tmpdir(), 'han-manifest-')));
afterAll(() => rmSync(around, { recursive: true, force: true }));

let root: string;
beforeEach(() => {
  root = join(mkdtempSync(join(around, 'test-')), 'tree');
  mkdirSync(root);
});

type Hashes = Record<string, string>;

function write(name: string, content: string): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** The manifest of a whole tree, made slowly. */
function twin(): Hashes {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(
    paths.map((path) => [relative(root, path).split(sep).join('/'), sha256(readFileSync(path))]),
  );
}

describe('a manifest', () => {
  it('has every file with its hash, sorted, with forward slashes', async () => {
    for (const name of ['b.ts', 'a/deep/er/c.ts', 'a/b.ts', 'ü/€.ts', 'sp ace.ts', '10.ts', '__proto__']) {
      write(name, `content of ${name}`);
    }
    const { hasChanges, manifest, files } = native.checkAndBuildManifest(root, ['**']);
    expect(hasChanges).toBe(true);
    expect(manifest).toEqual(twin());
    expect(Object.getOwnPropertyDescriptor(manifest, '__proto__')?.value).toBe(
      sha256('content of __proto__'),
    );
    const names = Object.keys(manifest);
    expect(names).toEqual(
      [...names].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))),
    );
    expect(files).toEqual(names.map((name) => join(root, name)));
    expect(await native.checkAndBuildManifestAsync(root, ['**'])).toEqual({ hasChanges, manifest, files });
    expect(native.buildManifest(files, root)).toEqual(manifest);
    expect(await native.buildManifestAsync(files, root)).toEqual(manifest);
    expect(native.checkAndBuildManifest(root, ['**'], manifest).hasChanges).toBe(false);
    expect(native.hasChanges(root, ['**'], manifest)).toBe(false);
    expect(await native.hasChangesAsync(root, ['**'], manifest)).toBe(false);
  });

  it('has only what the patterns and the ignore files let through', () => {
    mkdirSync(join(root, '.git'));
    write('.gitignore', 'dist/\n');
    write('src/a.ts', '1');
    write('src/a.js', '2');
    write('dist/a.ts', '3');
    expect(Object.keys(native.checkAndBuildManifest(root, ['*.ts']).manifest)).toEqual(['src/a.ts']);
    expect(native.checkAndBuildManifest(root, [])).toEqual({ hasChanges: true, manifest: {}, files: [] });
  });

  it('of named files leaves out what is outside, and follows links', () => {
    const inside = write('a', '1');
    const outside = join(dirname(root), 'secret');
    writeFileSync(outside, '2');
    symlinkSync(inside, join(root, 'link'));
    symlinkSync(outside, join(root, 'way out'));
    const files = [
      inside,
      join(root, 'link'),
      join(root, 'way out'),
      outside,
      join(root, 'missing'),
      join(root, '..', 'secret'),
      'a\0b',
    ];
    expect(native.buildManifest(files, root)).toEqual({ a: sha256('1') });
    expect(native.buildManifest([root, dirname(inside)], root)).toEqual({});
    expect(native.buildManifest([inside], join(root, 'missing'))).toEqual({});
    write('folder/file', '3');
    expect(native.buildManifest([join(root, 'folder')], root)).toEqual({ folder: '' });
  });
});

describe('changes', () => {
  it('are seen, whatever kind', async () => {
    write('a', '1');
    write('b', '2');
    write('c', '3');
    const kept = native.checkAndBuildManifest(root, ['**']).manifest;
    const path = join(root, 'a');
    const { atime, mtime } = statSync(path);
    writeFileSync(path, '9');
    utimesSync(path, atime, mtime);
    expect(native.hasChanges(root, ['**'], kept)).toBe(true);
    renameSync(join(root, 'b'), join(root, 'd'));
    const report = native.checkManifest(root, ['**'], kept);
    expect(report).toMatchObject({
      added: ['d'],
      changed: ['a'],
      removed: ['b'],
      fileCount: 3,
      failures: [],
      status: 'complete',
    });
    expect(report.manifest).toEqual(twin());
    expect(native.compareManifests(kept, report.manifest)).toEqual({
      added: ['d'],
      changed: ['a'],
      removed: ['b'],
    });
    expect(native.compareManifests(kept, kept)).toEqual({ added: [], changed: [], removed: [] });
    expect(await native.compareManifestsAsync(kept, report.manifest)).toEqual(
      native.compareManifests(kept, report.manifest),
    );
  });

  it('are those of the twin after random edits', async () => {
    const names = ['a', 'b', 'x/c', 'x/y/d', 'ü'];
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * below);
    };
    let kept: Hashes = {};
    for (let round = 0; round < 150; round += 1) {
      for (let edits = random(3); edits > 0; edits -= 1) {
        const name = names[random(names.length)] as string;
        if (random(3) === 0) rmSync(join(root, name), { force: true });
        else write(name, `${random(3)}`);
      }
      const now = twin();
      const differs = Object.keys(kept).length === 0 || JSON.stringify(now) !== JSON.stringify(kept);
      expect(native.hasChanges(root, ['**'], kept)).toBe(differs);
      expect(await native.hasChangesAsync(root, ['**'], kept)).toBe(differs);
      const answer = native.checkAndBuildManifest(root, ['**'], kept);
      expect(answer).toMatchObject({ hasChanges: differs, manifest: now });
      kept = answer.manifest;
    }
  });

  it('are there without a manifest, with an empty one, and without a root', async () => {
    write('a', '1');
    const missing = join(root, 'missing');
    expect(native.hasChanges(root, ['**'], {})).toBe(true);
    expect(native.hasChanges(missing, ['**'], { a: sha256('1') })).toBe(true);
    expect(native.checkAndBuildManifest(root, ['**'], null).hasChanges).toBe(true);
    expect(native.checkAndBuildManifest(root, ['**'], {}).hasChanges).toBe(true);
    expect(native.checkAndBuildManifest(missing, ['**'])).toEqual({
      hasChanges: true,
      manifest: {},
      files: [],
    });
    expect(thrownBy(() => native.checkManifest(missing, ['**'])).code).toBe('FILE_NOT_FOUND');
    await expect(native.checkManifestAsync(join(root, 'a'), ['**'])).rejects.toMatchObject({
      code: 'NOT_A_DIRECTORY',
    });
  });

  it('are not asked for with a pattern that cannot be understood', async () => {
    write('a', '1');
    for (const work of [
      () => native.hasChanges(root, ['[z-a'], { a: '' }),
      () => native.hasChanges(root, ['[z-a'], {}),
      () => native.checkAndBuildManifest(root, ['a', '[z-a']),
      () => native.checkManifest(root, ['[z-a']),
    ]) {
      expect(thrownBy(work).code).toBe('INVALID_PATTERN');
    }
    await expect(native.hasChangesAsync(root, ['[z-a'], {})).rejects.toMatchObject({
      code: 'INVALID_PATTERN',
    });
  });
});

describe('a manifest that a caller gives', () => {
  it('is an object of texts', async () => {
    const wrong = (value: unknown) => value as Hashes;
    expect(thrownBy(() => native.hasChanges(root, ['**'], wrong('a'))).code).toBe('INVALID_ARGUMENT');
    expect(thrownBy(() => native.hasChanges(root, ['**'], wrong({ a: 7 }))).code).toBe('INVALID_ARGUMENT');
    await expect(native.hasChangesAsync(root, ['**'], wrong({ a: null }))).rejects.toThrow(
      'that of "a" is none',
    );
    const getter = {
      get a() {
        throw new Error('from the getter');
      },
    };
    expect(() => native.compareManifests(getter as unknown as Hashes, {})).toThrow('from the getter');
  });

  it('may have any keys', () => {
    const odd: Hashes = { 'a\0b': 'x', '': '', __proto__x: 'y', ü: 'z' };
    expect(native.compareManifests(odd, {}).removed).toEqual(Object.keys(odd).sort());
    expect(native.compareManifests({ '': '1' }, { '': '2' }).changed).toEqual(['']);
    expect(native.compareManifests({ '': '' }, {})).toEqual({ added: [], changed: [], removed: [''] });
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, 'same']));
    expect(native.compareManifests(many, { ...many, k7: 'other' })).toEqual({
      added: [],
      changed: ['k7'],
      removed: [],
    });
  });
});

describe('a cancelled check', () => {
  it('gives what was finished and says so', async () => {
    for (let index = 0; index < 3000; index += 1) write(`f${index % 50}/${index}`, `${index}`);
    const kept = native.checkManifest(root, ['**']).manifest;
    native.clearHashCache();
    const jobId = native.createJobId();
    const run = native.checkManifestAsync(root, ['**'], kept, { jobId });
    native.cancelJob(jobId);
    const report = await run;
    if (report.status === 'partial') {
      expect(report.fileCount).toBeLessThan(3000);
      expect(report.removed).toEqual([]);
    } else {
      expect(report.fileCount).toBe(3000);
    }
  });
});
