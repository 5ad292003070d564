// Indexes: in memory for callers who hold them, and saved beside the file.
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, thrownBy } from './contract/transcripts';
import { linesOf, newFile, numbered } from './jsonl-files';
import { root, run, temporaryFolder } from './processes';

describe('jsonlBuildIndex', () => {
  it('says where the lines begin, and what the file was like', async () => {
    const file = newFile('{"a":1}\n\n{"b":2}\n');
    utimesSync(file, 1_700_000_000, 1_700_000_000.9);
    const index = {
      filePath: file,
      lineOffsets: [0, 8, 9],
      fileMtime: 1_700_000_000,
      fileSize: 17,
    };
    expect(native.jsonlBuildIndex(file)).toStrictEqual(index);
    expect(await native.jsonlBuildIndexAsync(file)).toStrictEqual(index);
  });

  it('makes a plain array, of many lines too', () => {
    const { lineOffsets } = native.jsonlBuildIndex(newFile('{}\n'.repeat(200_000)));
    expect(Array.isArray(lineOffsets)).toBe(true);
    expect(lineOffsets).toHaveLength(200_000);
    expect(lineOffsets.every((offset, line) => offset === line * 3)).toBe(true);
  });
});

describe('a saved index', () => {
  it('is made, extended and left alone, as the file needs it', async () => {
    const content = numbered(3000);
    const file = newFile(content);
    expect(native.jsonlLoadIndex(file)).toBeNull();
    const built = native.jsonlUpdateIndex(file);
    expect(built).toStrictEqual({
      indexPath: expect.any(String),
      lineCount: 3000,
      fileSize: Buffer.byteLength(content),
      indexBytes: statSync(built.indexPath).size,
      change: 'built',
      bytesRead: Buffer.byteLength(content),
    });
    expect(dirname(built.indexPath)).toBe(dirname(file));
    expect(native.jsonlStats(file)).toMatchObject({ hasIndex: true, indexStale: false });
    expect(await native.jsonlUpdateIndexAsync(file)).toMatchObject({ change: 'unchanged', bytesRead: 0 });

    const added = numbered(7);
    appendFileSync(file, added);
    expect(native.jsonlStats(file)).toMatchObject({ lineCount: 3007, hasIndex: true, indexStale: true });
    expect(native.jsonlLoadIndex(file)?.lineOffsets).toHaveLength(3007);
    expect(await native.jsonlUpdateIndexAsync(file)).toMatchObject({
      change: 'extended',
      lineCount: 3007,
      bytesRead: Buffer.byteLength(added),
    });

    writeFileSync(file, numbered(5, 'something else'));
    expect(native.jsonlLoadIndex(file)).toBeNull();
    expect(native.jsonlUpdateIndex(file)).toMatchObject({ change: 'built', lineCount: 5 });
  });

  it('is loaded as it would be built', async () => {
    const file = newFile(numbered(1000));
    native.jsonlSaveIndex(native.jsonlBuildIndex(file));
    const index = native.jsonlBuildIndex(file);
    expect(native.jsonlLoadIndex(file)).toStrictEqual(index);
    expect(await native.jsonlLoadIndexAsync(file)).toStrictEqual(index);
  });

  it('is made from the file and not from what a caller says of it', () => {
    const content = numbered(10);
    const file = newFile(content);
    native.jsonlSaveIndex({ filePath: file, lineOffsets: [5, -1, Number.NaN], fileMtime: -1, fileSize: 3 });
    expect(native.jsonlLoadIndex(file)?.lineOffsets).toEqual(
      linesOf(content).map(({ byteOffset }) => byteOffset),
    );
    for (const index of [{}, { filePath: 5 }, { filePath: null }, [], 'text']) {
      expect(thrownBy(() => native.jsonlSaveIndex(index as never))).toMatchObject(
        errorOf('INVALID_ARGUMENT'),
      );
    }
  });

  it('that is cut short or damaged is INDEX_DAMAGED to who loads it, and of no matter to who reads', () => {
    const content = numbered(4000);
    const file = newFile(content);
    const { indexPath } = native.jsonlUpdateIndex(file);
    const whole = readFileSync(indexPath);
    const flipped = Buffer.from(whole);
    flipped[whole.length - 1] = (flipped[whole.length - 1] ?? 0) ^ 1;
    for (const damaged of [whole.subarray(0, whole.length - 3), whole.subarray(0, 10), flipped]) {
      writeFileSync(indexPath, damaged);
      // A copy, since this process knows the other one.
      const copy = join(temporaryFolder(), 'lines.jsonl');
      writeFileSync(copy, content);
      writeFileSync(join(dirname(copy), indexPath.slice(dirname(indexPath).length + 1)), damaged);
      expect(thrownBy(() => native.jsonlLoadIndex(copy))).toMatchObject(errorOf('INDEX_DAMAGED'));
      expect(native.jsonlReadPage(copy, 3999, 5)).toMatchObject({ totalLines: 4000, nextOffset: 4000 });
      expect(native.jsonlStats(copy)).toMatchObject({ lineCount: 4000, hasIndex: true, indexStale: true });
      expect(native.jsonlUpdateIndex(copy)).toMatchObject({ change: 'built' });
      expect(native.jsonlLoadIndex(copy)?.lineOffsets).toHaveLength(4000);
    }
  });

  it('is small', () => {
    const file = newFile(numbered(200_000));
    const { indexBytes, fileSize } = native.jsonlUpdateIndex(file);
    expect(indexBytes).toBeLessThan(fileSize / 100);
  });

  it.skipIf(process.platform === 'win32')(
    'of a folder that cannot be written to goes to the data folder',
    async () => {
      const data = temporaryFolder();
      const folder = join(temporaryFolder(), 'read-only');
      mkdirSync(folder);
      const file = join(folder, 'lines.jsonl');
      writeFileSync(file, numbered(100));
      chmodSync(folder, 0o555);
      const code = `
        const native = require(${JSON.stringify(join(root, 'packages/native/index.js'))});
        const { indexPath, change } = native.jsonlUpdateIndex(${JSON.stringify(file)});
        const again = native.jsonlUpdateIndex(${JSON.stringify(file)}).change;
        process.stdout.write(JSON.stringify({ indexPath, change, again }));`;
      const env = { HAN_DATA_DIR: data };
      const { stdout, stderr } = await run(process.execPath, ['--eval', code], { env });
      chmodSync(folder, 0o755);
      expect(stderr).toBe('');
      const { indexPath, change, again } = JSON.parse(stdout);
      expect([change, again]).toEqual(['built', 'unchanged']);
      // The superuser may write everywhere.
      const place = process.getuid?.() === 0 ? folder : join(data, 'jsonl-index');
      expect(dirname(indexPath)).toBe(place);
      expect(readdirSync(place)).toHaveLength(process.getuid?.() === 0 ? 2 : 1);
    },
  );
});

describe('jsonlReadIndexed', () => {
  it('reads by the index it is given, of which it looks only at what it needs', async () => {
    const file = newFile('zero\none\ntwo\nthree\n');
    const index = native.jsonlBuildIndex(file);
    const lineOffsets = index.lineOffsets.map((offset, line) => (line === 2 ? offset : Number.NaN));
    const two = [{ lineNumber: 2, byteOffset: 9, content: 'two' }];
    expect(native.jsonlReadIndexed(file, { ...index, lineOffsets }, [2, 99])).toStrictEqual(two);
    expect(await native.jsonlReadIndexedAsync(file, { ...index, lineOffsets }, [2, 99, 2])).toStrictEqual([
      ...two,
      ...two,
    ]);
    expect(native.jsonlReadIndexed(file, index, [])).toEqual([]);
    const many = new Array(2 ** 32 - 1);
    many[4_000_000_000] = 13;
    expect(native.jsonlReadIndexed(file, { ...index, lineOffsets: many }, [4_000_000_000])).toStrictEqual([
      { lineNumber: 4_000_000_000, byteOffset: 13, content: 'three' },
    ]);
  });

  it('refuses offsets at which no line begins, and what is no offset', async () => {
    const file = newFile('zero\none\n');
    const index = native.jsonlBuildIndex(file);
    for (const offset of [-1, 0.5, Number.NaN, 2 ** 53, 3, 4, 1000, 'text', null, undefined, {}]) {
      const wrong = { ...index, lineOffsets: [offset as number] };
      const expected = errorOf(
        'INVALID_ARGUMENT',
        typeof offset === 'number' ? `${offset}` : 'lineOffsets[0]',
      );
      expect(thrownBy(() => native.jsonlReadIndexed(file, wrong, [0]))).toMatchObject(expected);
      await expect(native.jsonlReadIndexedAsync(file, wrong, [0])).rejects.toMatchObject(expected);
    }
    for (const lineOffsets of [undefined, null, 5, {}, 'text']) {
      const wrong = { ...index, lineOffsets: lineOffsets as never };
      expect(thrownBy(() => native.jsonlReadIndexed(file, wrong, [0]))).toMatchObject(
        errorOf('INVALID_ARGUMENT', 'lineOffsets'),
      );
    }
    for (const nothing of [undefined, null, 5]) {
      expect(thrownBy(() => native.jsonlReadIndexed(file, nothing as never, [0]))).toMatchObject(
        errorOf('INVALID_ARGUMENT', 'call jsonlReadIndexed'),
      );
      expect(thrownBy(() => native.jsonlSaveIndex(nothing as never))).toMatchObject(
        errorOf('INVALID_ARGUMENT', 'call jsonlSaveIndex'),
      );
    }
  });

  it('leaves what a getter throws as it is', () => {
    const file = newFile('{}\n');
    const thrown = new Error('mine');
    const index = {
      get lineOffsets(): number[] {
        throw thrown;
      },
    };
    expect(thrownBy(() => native.jsonlReadIndexed(file, index as never, [0]))).toBe(thrown);
  });

  it('does not find lines of another content', () => {
    const file = newFile('zero\none\n');
    const index = native.jsonlBuildIndex(file);
    renameSync(newFile('something longer\nand more\n'), file);
    expect(thrownBy(() => native.jsonlReadIndexed(file, index, [1]))).toMatchObject(
      errorOf('INVALID_ARGUMENT', 'index is of another content'),
    );
    truncateSync(file, 0);
    expect(existsSync(file)).toBe(true);
    expect(native.jsonlReadIndexed(file, index, [0])).toEqual([]);
  });
});
