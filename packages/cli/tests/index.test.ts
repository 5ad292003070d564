import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixtures, generated, Home, resultOf, temporaryFolder } from './han.js';

const { files }: { files: { path: string; bytes: number; lines: number }[] } = JSON.parse(
  readFileSync(join(generated, 'manifest.json'), 'utf8'),
);

describe('han index', () => {
  it('indexes the folder that is named, and says what it did', async () => {
    const home = new Home();
    const { stdout, stderr, exit } = await home.han(['index', '--config-dir', generated]);
    expect({ stderr, exit }).toEqual({ stderr: '', exit: 0 });
    expect(stdout).toMatch(
      new RegExp(`^Indexed ${files.length} files \\(1\\.3 MB\\) in [\\d.]+ s, [\\d.]+ [kM]B/s\\.$`, 'm'),
    );
    expect(stdout).toMatch(/^5 sessions and [\d,]+ messages were added or changed\.$/m);
    expect(stdout).toContain(`Database: ${home.dbPath}`);
    const again = await home.han(['index', '--config-dir', generated]);
    expect(again.stdout).toMatch(
      new RegExp(`^Nothing to index in [\\d.]+ s; ${files.length} files had nothing new\\.$`, 'm'),
    );
  });

  it('takes the folder from CLAUDE_CONFIG_DIR', async () => {
    const { stdout } = await new Home().han(['index'], { CLAUDE_CONFIG_DIR: generated });
    expect(stdout).toContain(`Indexed ${files.length} files`);
  });

  it('prints the report as JSON, and no progress', async () => {
    const home = new Home();
    const dbPath = join(home.folder, 'other.db');
    const { value, exit } = await home.json(['index', '--config-dir', generated, '--db', dbPath]);
    expect(exit).toBe(0);
    expect(value).toMatchObject({
      status: 'complete',
      filesSeen: files.length,
      filesIndexed: files.length,
      filesFailed: 0,
      bytesRead: files.reduce((sum, { bytes }) => sum + bytes, 0),
      sessions: 5,
    });
    expect(existsSync(dbPath)).toBe(true);
    expect(existsSync(home.dbPath)).toBe(false);
  });

  it('takes several folders', async () => {
    const odd = join(fixtures, 'odd');
    const { value } = await new Home().json(['index', '--config-dir', generated, '--config-dir', odd]);
    expect((value as { filesSeen: number }).filesSeen).toBeGreaterThan(files.length);
  });

  it('takes files and project folders', async () => {
    const project = join(generated, 'projects', '-home-dev-work-WersadasStruct-pixfou-stop');
    const file = join(fixtures, 'odd', 'broken-line.jsonl');
    const home = new Home();
    const { value } = await home.json(['index', file, project]);
    expect(value).toMatchObject({ status: 'complete', filesIndexed: files.length + 1 });
    expect((value as { brokenLines: number }).brokenLines).toBeGreaterThanOrEqual(1);
  });

  it.each([
    ['a configuration folder', generated],
    ['its folder of projects', join(generated, 'projects')],
  ])('takes %s as a path', async (_, path) => {
    const { value } = await new Home().json(['index', path]);
    expect(value).toMatchObject({ status: 'complete', filesIndexed: files.length });
  });

  it('says so when there is nothing', async () => {
    const { stdout, exit } = await new Home().han(['index', '--config-dir', temporaryFolder()]);
    expect(exit).toBe(0);
    expect(stdout).toContain('No transcripts were found.');
  });

  it('ends with 1 and the way out when the configuration folder does not exist, before it makes a database', async () => {
    const home = new Home();
    const { stdout, stderr, exit } = await home.han(['index']);
    expect({ stdout, exit }).toEqual({ stdout: '', exit: 1 });
    expect(stderr).toMatch(/^error: there is no configuration folder at .*config \(FILE_NOT_FOUND\)$/m);
    expect(stderr).toMatch(/^help: .*--config-dir/m);
    expect(existsSync(home.dbPath)).toBe(false);
  });

  it('ends with 1 for a path that does not exist, before it makes a database', async () => {
    const home = new Home();
    const { stderr, exit } = await home.han(['index', 'no-such-file.jsonl']);
    expect(exit).toBe(1);
    expect(stderr).toContain('FILE_NOT_FOUND');
    expect(existsSync(home.dbPath)).toBe(false);
  });

  it.each([
    ['a folder', (path: string) => mkdirSync(path), 'DB_PATH_INVALID'],
    [
      'no database',
      (path: string) =>
        writeFileSync(path, 'notes that are longer than the header of a database\n'.repeat(20)),
      'DB_NOT_A_DATABASE',
    ],
  ])('ends with 1 and a remedy when the database is %s', async (_, make, code) => {
    const home = new Home();
    const dbPath = join(home.folder, 'wrong');
    make(dbPath);
    const { stderr, exit } = await home.han(['index', '--config-dir', generated, '--db', dbPath]);
    expect(exit).toBe(1);
    expect(stderr).toMatch(new RegExp(`^error: .*\\(${code}\\)$`, 'm'));
    expect(stderr).toMatch(/^help: /m);
  });

  it('ends with 130 after Ctrl-C, keeps what was done, and goes on from there', async () => {
    const home = new Home();
    const config = largeCorpus();
    const child = home.start(['index', '--config-dir', config]);
    const ended = resultOf(child);
    // Rows are being written: the command is past its start and far from its end.
    await until(() => sizeOf(`${home.dbPath}-wal`) > 100_000 || child.exitCode !== null);
    child.kill('SIGINT');
    const { stderr, exit } = await ended;
    expect(exit).toBe(130);
    expect(stderr).toMatch(
      /^Interrupted: .* finished\. What was indexed is kept; the same command goes on from there\.$/m,
    );
    const { value } = await home.json(['index', '--config-dir', config]);
    expect(value).toMatchObject({ status: 'complete', filesSeen: corpusFiles, filesFailed: 0 });
    const stats = await home.json(['stats']);
    expect(stats.value).toMatchObject({
      files: corpusFiles,
      sessions: corpusFiles,
      messages: corpusFiles * corpusLines,
    });
  });
});

const corpusFiles = 40;
const corpusLines = 1000;

/** About 80 MB of transcripts: some tenths of a second of work at least. */
function largeCorpus(): string {
  const config = temporaryFolder();
  const project = join(config, 'projects', '-home-ann-large');
  mkdirSync(project, { recursive: true });
  for (let file = 0; file < corpusFiles; file += 1) {
    const sessionId = `00000000-0000-4000-8000-${String(file).padStart(12, '0')}`;
    const lines = Array.from({ length: corpusLines }, (_, line) =>
      JSON.stringify({
        type: 'user',
        uuid: `${String(file).padStart(8, '0')}-0000-4000-8000-${String(line).padStart(12, '0')}`,
        sessionId,
        cwd: '/home/ann/large',
        timestamp: new Date(Date.UTC(2026, 10, 1, file, 0, line)).toISOString(),
        message: { role: 'user', content: `word${line} `.repeat(200) },
      }),
    );
    writeFileSync(join(project, `${sessionId}.jsonl`), `${lines.join('\n')}\n`);
  }
  return config;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

describe('han index --verify', () => {
  it('says whether files are what was indexed, and reads anew those that are not', async () => {
    const home = new Home();
    const folder = temporaryFolder();
    const project = join(folder, 'projects', '-home-ann-app');
    mkdirSync(project, { recursive: true });
    const id = '56565656-0000-4000-8000-000000000004';
    const path = join(project, `${id}.jsonl`);
    const text = `${JSON.stringify({ type: 'user', uuid: id, sessionId: id, timestamp: '2026-05-01T12:00:00.000Z', message: { role: 'user', content: 'hello' } })}\n`;
    writeFileSync(path, text);
    await home.han(['index', '--config-dir', folder]);
    const sound = await home.han(['index', '--verify']);
    expect(sound).toMatchObject({ exit: 0 });
    expect(sound.stdout).toMatch(/^1 file \(\d+ B\) compared: all is as it was indexed\.$/m);

    writeFileSync(path, text.replace('hello', 'hullo'));
    const different = await home.json(['index', '--verify', path]);
    expect(different.exit).toBe(1);
    expect(different.value).toMatchObject({ filesDifferent: 1 });
    const repaired = await home.han(['index', '--verify', '--repair']);
    expect(repaired.exit).toBe(0);
    expect(repaired.stdout).toContain('1 file read anew.');
    expect((await home.han(['index', '--verify'])).exit).toBe(0);
    expect((await home.han(['index', '--repair'])).exit).toBe(2);
  });
});
