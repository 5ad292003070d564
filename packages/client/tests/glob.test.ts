import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { HanClient, HanError } from '@han/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let root: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'han-glob-')));
  const many = Array.from({ length: 2000 }, (_, index) => `many/${index % 100}/${index}.txt`);
  for (const path of ['a.ts', 'src/b.ts', 'src/b.test.ts', 'src/.c.ts', 'src/package.json', ...many]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function failureOf(work: () => unknown): Promise<HanError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof HanError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('HanClient.glob', () => {
  const { glob } = HanClient;

  it('finds the same with and without blocking', async () => {
    const options = { rules: 'shell', dot: undefined, limit: undefined } as const;
    const patterns = ['**/*.ts', '!**/*.test.ts'];
    const found = await glob.find(root, patterns, options);
    expect(found).toMatchObject({ files: ['a.ts', 'src/b.ts'], status: 'complete', errorCount: 0 });
    expect(glob.findSync(root, patterns, options)).toStrictEqual(found);
    const absolute = ['a.ts', 'src/b.test.ts', 'src/b.ts'].map((path) => join(root, path));
    expect(await glob.filesWithGlob(root, ['*.ts'])).toStrictEqual(absolute);
    expect(glob.filesWithGlobSync(root, ['*.ts'])).toStrictEqual(absolute);
    expect(await glob.directoriesWithMarkers(root, ['package.json'])).toStrictEqual([join(root, 'src')]);
    expect(glob.directoriesWithMarkersSync(root, ['*.ts'])).toStrictEqual([root, join(root, 'src')]);
    expect(glob.match(['a.ts', 'b.js', 'c/d.ts'], ['*.ts'], { rules: 'shell' })).toStrictEqual(['a.ts']);
  });

  it('yields files while the walk goes on, and ends it when the loop is left', async () => {
    const files: string[] = [];
    for await (const file of glob.files(root, ['many/**'], { rules: 'shell' })) files.push(file);
    expect(files.sort()).toStrictEqual(glob.findSync(root, ['many/**'], { rules: 'shell' }).files);
    let seen = 0;
    for await (const _ of glob.files(root, ['*.txt'])) {
      seen += 1;
      if (seen === 3) break;
    }
    expect(seen).toBe(3);
    expect(glob.files(root, ['*'], { limit: 5 })[Symbol.asyncIterator]).toBeTypeOf('function');
  });

  it('ends with its signal', async () => {
    const aborted = AbortSignal.abort('reason');
    const cancelled = { code: 'CANCELLED', cause: 'reason' };
    expect(await failureOf(() => glob.find(root, ['*'], { signal: aborted }))).toMatchObject(cancelled);
    expect(await failureOf(() => glob.files(root, ['*'], { signal: aborted }).next())).toMatchObject(
      cancelled,
    );
    const abort = new AbortController();
    const failure = await failureOf(async () => {
      for await (const _ of glob.files(root, ['*'], { signal: abort.signal })) abort.abort('reason');
    });
    expect(failure).toMatchObject(cancelled);
    const progress: number[] = [];
    await glob.find(root, ['*'], { onProgress: ({ matches }) => progress.push(matches) });
    expect(progress.at(-1)).toBe(2004);
  });

  it('fails with the place in the pattern, and with the root', async () => {
    const failure = await failureOf(() => glob.find(root, ['src/{a'], { rules: 'shell' }));
    expect(failure.code).toBe('INVALID_PATTERN');
    expect(failure.message).toContain('"src/{a" at character 5: this `{` is never closed');
    expect(await failureOf(() => glob.find(join(root, 'gone'), ['*']))).toMatchObject({
      code: 'FILE_NOT_FOUND',
    });
    const inLoop = () => glob.files(join(root, 'gone'), ['*']).next();
    expect(await failureOf(inLoop)).toMatchObject({ code: 'FILE_NOT_FOUND' });
  });
});
