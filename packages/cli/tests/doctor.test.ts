import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixtures, generated, Home } from './han.js';

interface Diagnosis {
  ok: boolean;
  checks: { name: string; status: 'ok' | 'warn' | 'fail'; detail: string; remedy?: string }[];
}

async function diagnose(home: Home, ...args: string[]): Promise<Diagnosis & { exit: number | null }> {
  const { value, exit } = await home.json(['doctor', ...args]);
  return { ...(value as Diagnosis), exit };
}

function statuses({ checks }: Diagnosis): Record<string, string> {
  return Object.fromEntries(checks.map(({ name, status }) => [name, status]));
}

describe('han doctor', () => {
  it('notes on a new machine what is missing, changes nothing, and ends with 0', async () => {
    const home = new Home();
    const diagnosis = await diagnose(home);
    expect(diagnosis).toMatchObject({ ok: true, exit: 0 });
    expect(statuses(diagnosis)).toEqual({
      node: 'ok',
      addon: 'ok',
      'data folder': 'ok',
      database: 'warn',
      transcripts: 'warn',
      terminal: 'ok',
    });
    expect(existsSync(home.dbPath)).toBe(false);
  });

  it('finds nothing to say where all is well', async () => {
    const home = new Home();
    // The generated transcripts have one broken line; the sample of one session has none.
    const config = join(home.folder, 'config');
    const project = join(config, 'projects', '-home-ann-my-app');
    mkdirSync(project, { recursive: true });
    const sessionId = '11111111-0000-4000-8000-000000000001';
    const line = {
      type: 'user',
      uuid: '11111111-0000-4000-8000-0000000000aa',
      sessionId,
      cwd: '/home/ann/my-app',
      timestamp: '2026-11-01T00:00:00.000Z',
      message: { role: 'user', content: 'hello' },
    };
    writeFileSync(join(project, `${sessionId}.jsonl`), `${JSON.stringify(line)}\n`);
    await home.han(['index']);
    const diagnosis = await diagnose(home);
    expect(new Set(Object.values(statuses(diagnosis)))).toEqual(new Set(['ok']));
    const { stdout, exit } = await home.han(['doctor']);
    expect(exit).toBe(0);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('All is well.');
  });

  it('counts broken lines and names some', async () => {
    const home = new Home();
    await home.han(['index', join(fixtures, 'odd', 'broken-line.jsonl')]);
    const { checks } = await diagnose(home);
    const lines = checks.find(({ name }) => name === 'lines');
    expect(lines).toMatchObject({ status: 'warn', detail: expect.stringContaining('1 broken line') });
    expect(lines?.detail).toMatch(/broken-line\.jsonl, line 2: LINE_NOT_JSON/);
  });

  it('notes transcripts that are not indexed yet', async () => {
    const home = new Home();
    await home.han(['index', '--config-dir', home.folder]);
    const { checks } = await diagnose(home, '--config-dir', generated);
    expect(checks.find(({ name }) => name === 'indexed')).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('0 files in the database, 6 on disk'),
      remedy: expect.stringContaining('index'),
    });
  });

  it('survives an addon that is missing, and so do the other commands', async () => {
    const home = new Home();
    const missing = { HAN_NATIVE_PATH: join(home.folder, 'missing.node') };
    const { stdout, stderr, exit } = await home.han(['doctor'], missing);
    expect({ stderr, exit }).toEqual({ stderr: '', exit: 1 });
    expect(stdout).toMatch(/^fail {2}addon .*\(ADDON_NOT_FOUND\)$/m);
    const stats = await home.han(['stats'], missing);
    expect(stats).toMatchObject({ stdout: '', exit: 1 });
    expect(stats.stderr).toMatch(/^error: .*\(ADDON_NOT_FOUND\)\nhelp: .*\n$/);
    expect((await home.han(['--version'], missing)).exit).toBe(0);
  });

  it('ends with 1 when a check fails, with code and remedy', async () => {
    const home = new Home();
    const dbPath = join(home.folder, 'notes.txt');
    writeFileSync(dbPath, 'notes that are longer than the header of a database\n'.repeat(20));
    const diagnosis = await diagnose(home, '--db', dbPath);
    expect(diagnosis).toMatchObject({ ok: false, exit: 1 });
    expect(diagnosis.checks.find(({ name }) => name === 'database')).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('DB_NOT_A_DATABASE'),
      remedy: expect.any(String),
    });
    const { stdout, exit } = await home.han(['doctor', '--db', dbPath]);
    expect(exit).toBe(1);
    expect(stdout).toMatch(/^fail {2}database/m);
    expect(stdout).toMatch(/^ +try: /m);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('1 problem.');
  });
});
