import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HanClient, HanError } from '@han/client';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';

const around = mkdtempSync(join(tmpdir(), 'han-manifest-'));
afterAll(() => rmSync(around, { recursive: true, force: true }));

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(around, 'tree-'));
  mkdirSync(join(root, 'src'));
  writeFileSync(join(root, 'src/a.ts'), 'a');
  writeFileSync(join(root, 'src/b.ts'), 'b');
});

const { manifest, hash } = HanClient;

describe('HanClient.manifest', () => {
  it('answers the same with and without blocking', async () => {
    const kept = await manifest.build([join(root, 'src/a.ts'), join(root, 'src/b.ts')], root);
    expect(kept).toEqual({ 'src/a.ts': hash.bytes('a'), 'src/b.ts': hash.bytes('b') });
    expect(manifest.buildSync([join(root, 'src/a.ts'), join(root, 'src/b.ts')], root)).toEqual(kept);
    expect(await manifest.hasChanges(root, ['*.ts'], kept)).toBe(false);
    expect(manifest.hasChangesSync(root, ['*.ts'], kept)).toBe(false);
    writeFileSync(join(root, 'src/c.ts'), 'c');
    expect(await manifest.hasChanges(root, ['*.ts'], kept)).toBe(true);
    expect(manifest.hasChangesSync(root, ['*.ts'], kept)).toBe(true);
    const built = await manifest.checkAndBuild(root, ['*.ts'], kept);
    expect(built.hasChanges).toBe(true);
    expect(Object.keys(built.manifest)).toEqual(['src/a.ts', 'src/b.ts', 'src/c.ts']);
    expect(manifest.checkAndBuildSync(root, ['*.ts'], kept)).toEqual(built);
    expect(manifest.checkAndBuildSync(root, ['*.ts']).hasChanges).toBe(true);
    const report = await manifest.check(root, ['*.ts'], kept);
    expect(report).toMatchObject({ added: ['src/c.ts'], changed: [], removed: [], status: 'complete' });
    expect(manifest.checkSync(root, ['*.ts'], kept).added).toEqual(['src/c.ts']);
    expect(manifest.checkSync(root, ['*.ts']).added).toHaveLength(3);
    expect(manifest.compare(report.manifest, kept).removed).toEqual(['src/c.ts']);
  });

  it('tells with a code what cannot be done', async () => {
    const refused = { name: 'HanError', code: 'INVALID_PATTERN' };
    await expect(manifest.check(root, ['[z-a'])).rejects.toMatchObject(refused);
    await expect(manifest.hasChanges(root, ['[z-a'], {})).rejects.toMatchObject(refused);
    expect(() => manifest.checkSync(join(root, 'missing'), ['*'])).toThrow(HanError);
    const signal = AbortSignal.abort();
    await expect(manifest.check(root, ['*'], {}, { signal })).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(manifest.build([], root, { signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('reports progress', async () => {
    const reports: number[] = [];
    await manifest.check(root, ['*'], {}, { onProgress: ({ filesDone }) => reports.push(filesDone) });
    expect(reports.at(-1)).toBe(2);
  });
});
