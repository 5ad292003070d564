import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { workText } from '../src/output/work-progress.js';
import { generated, Home, resultOf, temporaryFolder } from './han.js';

/** A home whose transcripts are indexed. */
async function indexed(): Promise<Home> {
  const home = new Home();
  expect((await home.han(['index', '--config-dir', generated])).exit).toBe(0);
  return home;
}

let home: Home;
beforeAll(async () => {
  home = await indexed();
});

describe('han db backup', () => {
  it('copies the database to the file that is named', async () => {
    const target = join(temporaryFolder(), 'copy.db');
    const { stdout, stderr, exit } = await home.han(['db', 'backup', target]);
    expect({ stderr, exit }).toEqual({ stderr: '', exit: 0 });
    expect(stdout).toMatch(
      /^Backed up [\d.]+ [kM]B with [\d,]+ rows of \d+ tables in [\d.]+ s, verified\.$/m,
    );
    expect(stdout).toContain(`Backup: ${target}`);
    const copied = await home.json(['sessions', '--db', target]);
    expect(copied.value).toEqual((await home.json(['sessions'])).value);
  });

  it('names the file by the moment when none is named', async () => {
    const { value, exit } = await home.json(['db', 'backup']);
    expect(exit).toBe(0);
    const { path } = value as { path: string };
    expect(relative(dirname(home.dbPath), path)).toMatch(/^han-\d{4}-\d\d-\d\d-\d{6}\.db$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('writes over nothing without --force', async () => {
    const target = join(temporaryFolder(), 'copy.db');
    writeFileSync(target, 'mine');
    const { stderr, exit } = await home.han(['db', 'backup', target]);
    expect(exit).toBe(1);
    expect(stderr).toContain('FILE_EXISTS');
    expect(readFileSync(target, 'utf8')).toBe('mine');
    expect((await home.han(['db', 'backup', target, '--force'])).exit).toBe(0);
  });

  it('needs a database', async () => {
    const { stderr, exit } = await new Home().han(['db', 'backup']);
    expect(exit).toBe(4);
    expect(stderr).toContain('NO_DATABASE');
  });
});

describe('han db integrity', () => {
  it('says that all is well', async () => {
    const { stdout, exit } = await home.han(['db', 'integrity']);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^ok {6}tables {2}/m);
    expect(stdout).toMatch(/^ok {6}search index messages_fts {2}/m);
    expect(stdout).toMatch(/^All is well\.$/m);
  });

  it('finds damage, and ends with 1', async () => {
    const other = await indexed();
    await other.han(['db', 'checkpoint', '--truncate']);
    const bytes = readFileSync(other.dbPath);
    // The second page and the two behind it, of the many; the first says what the file is.
    bytes.fill(0x5a, bytes.readUInt16BE(16), bytes.readUInt16BE(16) * 4);
    writeFileSync(other.dbPath, bytes);
    const { stdout, stderr, exit } = await other.han(['db', 'integrity', '--quick']);
    expect(exit).toBe(1);
    expect(`${stdout}${stderr}`).toMatch(/Not in order|DB_CORRUPT/);
  });

  it('answers with JSON', async () => {
    const { value } = await home.json(['db', 'integrity', '--repair']);
    expect(value).toMatchObject({ ok: true, status: 'complete', longestWriteLockMs: 0 });
  });
});

describe('han db stats', () => {
  it('shows the file, and with --sizes its tables', async () => {
    const { stdout, exit } = await home.han(['db', 'stats']);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^journal mode +wal$/m);
    expect(stdout).not.toContain('messages_by_session');
    const sizes = await home.han(['db', 'stats', '--sizes']);
    expect(sizes.stdout).toMatch(/^messages_by_session +index of messages +[\d,]+ /m);
    const { value } = await home.json(['db', 'stats']);
    expect(value).toMatchObject({ path: home.dbPath, journalMode: 'wal' });
    expect((await home.json(['db', 'stats', '--sizes'])).value).toHaveProperty('sizes');
  });
});

describe('han db vacuum and checkpoint', () => {
  it('shrink the file and its log', async () => {
    const { stdout, exit } = await home.han(['db', 'vacuum']);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^From [\d.]+ MB to [\d.]+ MB in [\d.]+ s\.$/m);
    const { value } = await home.json(['db', 'checkpoint', '--truncate']);
    expect(value).toMatchObject({ complete: true, walBytesAfter: 0 });
    expect((await home.han(['db', 'checkpoint'])).stdout).toMatch(/frames are in the database/);
  });
});

describe('han db export', () => {
  it('writes lines of JSON to the standard output', async () => {
    const { stdout, exit } = await home.han(['db', 'export', '--table', 'sessions']);
    expect(exit).toBe(0);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { table: string });
    expect(rows).toHaveLength(5);
    expect(rows.every(({ table }) => table === 'sessions')).toBe(true);
  });

  it('writes a file that appears whole', async () => {
    const folder = temporaryFolder();
    const output = join(folder, 'all.jsonl');
    const { value, exit } = await home.json(['db', 'export', '--output', output]);
    expect(exit).toBe(0);
    const lines = readFileSync(output, 'utf8').trimEnd().split('\n');
    expect(value).toEqual({ path: output, rows: lines.length, bytes: statSync(output).size });
    expect(readdirSync(folder)).toEqual(['all.jsonl']);
    expect(statSync(output).mode & 0o777).toBe(0o600);
    const again = await home.han(['db', 'export', '--output', output]);
    expect(again.exit).toBe(1);
    expect(again.stderr).toContain('FILE_EXISTS');
    expect((await home.han(['db', 'export', '--table', 'repos', '--output', output, '--force'])).exit).toBe(
      0,
    );
  });

  it('refuses a table that does not exist', async () => {
    const { stderr, exit } = await home.han(['db', 'export', '--table', 'nothing']);
    expect(exit).toBe(1);
    expect(stderr).toContain('INVALID_ARGUMENT');
  });
});

describe('han db restore-transcripts', () => {
  it('gives every transcript back byte for byte', async () => {
    const folder = join(temporaryFolder(), 'back');
    const { stdout, exit } = await home.han(['db', 'restore-transcripts', folder]);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^Wrote \d+ transcripts \(1\.3 MB\)/m);
    const originals = readdirSync(join(generated, 'projects'), { recursive: true, encoding: 'utf8' }).filter(
      (path) => path.endsWith('.jsonl'),
    );
    expect(originals.length).toBeGreaterThan(4);
    for (const path of originals) {
      const [given, original] = [join(folder, 'projects', path), join(generated, 'projects', path)];
      expect(readFileSync(given).equals(readFileSync(original)), path).toBe(true);
    }
    const again = await home.json(['db', 'restore-transcripts', folder]);
    expect(again.value).toMatchObject({ filesRestored: 0, filesUnchanged: originals.length });
  });

  it('gives only those back that are gone, and ends with 3 when there is none', async () => {
    const { exit } = await home.han(['db', 'restore-transcripts', join(temporaryFolder(), 'x'), '--missing']);
    expect(exit).toBe(3);
  });

  it('leaves what is there, and ends with 1', async () => {
    const folder = temporaryFolder();
    const { value } = await home.json(['db', 'restore-transcripts', folder]);
    const { transcripts } = value as { transcripts: { restoredPath: string; sessionId: string }[] };
    const first = transcripts[0];
    writeFileSync(first?.restoredPath ?? '', 'mine');
    const { stderr, exit } = await home.han([
      'db',
      'restore-transcripts',
      folder,
      '--session',
      first?.sessionId.slice(0, 8) ?? '',
    ]);
    expect(exit).toBe(1);
    expect(stderr).toContain('FILE_EXISTS');
    expect(readFileSync(first?.restoredPath ?? '', 'utf8')).toBe('mine');
  });
});

describe('Ctrl-C', () => {
  it.skipIf(process.platform === 'win32')('ends a backup with 130 and leaves nothing', async () => {
    const big = new Home();
    const project = join(big.folder, 'config', 'projects', '-big');
    mkdirSync(project, { recursive: true });
    const line = (session: number, number: number) =>
      JSON.stringify({
        type: 'user',
        uuid: `${session}-${number}`,
        sessionId: `session-${session}`,
        timestamp: '2026-11-20T12:00:00Z',
        message: { role: 'user', content: `${Math.random()} ${'words of a message '.repeat(60)}` },
      });
    for (let session = 0; session < 20; session += 1) {
      const text = Array.from({ length: 2000 }, (_, number) => line(session, number)).join('\n');
      writeFileSync(join(project, `session-${session}.jsonl`), `${text}\n`);
    }
    expect((await big.han(['index'])).exit).toBe(0);
    const folder = temporaryFolder();
    const child = big.start(['db', 'backup', join(folder, 'copy.db')]);
    const appeared = setInterval(() => {
      if (readdirSync(folder).length > 0) {
        clearInterval(appeared);
        child.kill('SIGINT');
      }
    }, 1);
    const { stdout, stderr, exit } = await resultOf(child);
    clearInterval(appeared);
    if (exit === 0) {
      // It was quicker than the signal.
      expect(existsSync(join(folder, 'copy.db'))).toBe(true);
      return;
    }
    expect({ stdout, exit }).toEqual({ stdout: '', exit: 130 });
    expect(stderr).toContain('no backup was made');
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the bar', () => {
  it('fits the width', () => {
    const progress = { what: 'copying', share: 0.256, amount: '12 of 80 pages', elapsedMs: 1 };
    expect(workText(progress, 80)).toBe(`${'█'.repeat(8)}${'░'.repeat(22)}  25%  copying, 12 of 80 pages`);
    for (const cells of [20, 40, 79]) {
      expect(workText(progress, cells).length).toBeLessThan(cells);
    }
    expect(workText({ ...progress, share: undefined }, 80)).toBe('copying');
    expect(workText(undefined, 80)).toBe('');
  });
});
