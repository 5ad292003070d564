/** `han stats` over the generated transcripts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Period } from '../src/commands/stats/period.js';
import { bar } from '../src/output/chart.js';
import { dollars } from '../src/output/money.js';
import { generated, Home } from './han.js';

interface Manifest {
  sessions: { session: string }[];
  totals: { global_tokens: { input: number; output: number; cache_creation: number; cache_read: number } };
}

const manifest: Manifest = JSON.parse(readFileSync(join(generated, 'manifest.json'), 'utf8'));
const home = new Home();
const ever = ['--since', '2000-01-01'];

beforeAll(async () => {
  expect((await home.han(['index', '--config-dir', generated, '--quiet'])).exit).toBe(0);
});

async function periodOf(...options: string[]): Promise<Period> {
  const { value, exit } = await home.json(['stats', ...ever, ...options]);
  expect(exit).toBe(0);
  return (value as { period: Period }).period;
}

describe('han stats', () => {
  it('counts the tokens of the manifest, each reply once, by every subject alike', async () => {
    const { input, output, cache_creation, cache_read } = manifest.totals.global_tokens;
    const period = await periodOf();
    expect(period.total).toMatchObject({
      inputTokens: input,
      outputTokens: output,
      cacheCreationTokens: cache_creation,
      cacheReadTokens: cache_read,
    });
    const sessions = (await periodOf('--by', 'session')).sessions ?? [];
    expect(sessions.length).toBeGreaterThan(1);
    for (const rows of [period.days, period.models, period.projects, sessions]) {
      expect(rows?.reduce((sum, row) => sum + row.outputTokens, 0)).toBe(output);
      expect(rows?.reduce((sum, row) => sum + row.costNanoDollars, 0)).toBe(period.total.costNanoDollars);
    }
  });

  it('has the totals of the database and the period as JSON', async () => {
    const { value } = await home.json(['stats', ...ever]);
    expect(value).toMatchObject({
      sessions: manifest.sessions.length,
      projects: 1,
      period: { since: expect.stringMatching(/^(1999|2000)-/), calls: { tools: expect.any(Array) } },
    });
    const { days, models, sessions, calls } = await periodOf('--by', 'model');
    expect([days, sessions]).toEqual([undefined, undefined]);
    expect(models?.length).toBeGreaterThan(0);
    expect(calls.callCount).toBe(calls.tools.reduce((sum, { callCount }) => sum + callCount, 0));
  });

  it('shows a summary, a chart, tables and the archive', async () => {
    const { stdout, stderr, exit } = await home.han(['stats', ...ever]);
    expect({ stderr, exit }).toEqual({ stderr: '', exit: 0 });
    expect(stdout).toMatch(/^Since 2000-01-01 00:00$/m);
    expect(stdout).toMatch(/^cost {7}\$[\d,.]+\+? at list prices of \d{4}-\d\d-\d\d$/m);
    expect(stdout).toMatch(/^DAY \(UTC\) +COST +REPLIES +OUT$/m);
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\d +\$\S+ +[\d,]+ +[\d,]+ {2}█/m);
    for (const head of ['MODEL', 'PROJECT', 'TOOL', 'FILE', 'ARCHIVE', 'ROWS BY TYPE']) {
      expect(stdout).toMatch(new RegExp(`^${head}\\b`, 'm'));
    }
    expect(stdout).toMatch(/^sessions +5$/m);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toContain(`Database: ${home.dbPath}`);
  });

  it('keeps to the width, with colour only where it is wanted', async () => {
    const { stdout } = await home.han(['stats', ...ever], { COLUMNS: '60' });
    const widest = Math.max(
      ...stdout
        .split('\n')
        .filter((line) => !line.startsWith('Database:'))
        .map((line) => line.length),
    );
    expect(widest).toBeLessThanOrEqual(60);
    expect((await home.han(['stats', ...ever], { FORCE_COLOR: '1' })).stdout).toContain('\u001b[36m█');
    const plain = await home.han(['stats', ...ever], { NO_COLOR: '1', FORCE_COLOR: '1' });
    expect(plain.stdout).not.toContain('\u001b');
  });

  it.each([
    ['day', 'DAY (UTC)'],
    ['model', 'MODEL'],
    ['project', 'PROJECT'],
    ['session', 'SESSION'],
    ['tool', 'TOOL'],
  ])('shows one table with --by %s', async (by, head) => {
    const { stdout } = await home.han(['stats', ...ever, '--by', by]);
    const heads = stdout.split('\n').filter((line) => /^[A-Z][A-Z ()]+ {2}/.test(line));
    expect(heads).toHaveLength(1);
    expect(heads[0]?.startsWith(head)).toBe(true);
    expect(stdout).not.toContain('ARCHIVE');
  });

  it('tells the tokens of the agents of a session', async () => {
    const sessions = manifest.sessions.map(({ session }) => session);
    const told = await Promise.all(
      sessions.map(async (id) => (await periodOf('--by', 'agent', '--session', id)).agentUsage ?? []),
    );
    expect(told.flat().some(({ agentId }) => agentId !== undefined)).toBe(true);
    const sum = told.flat().reduce((all, { outputTokens }) => all + outputTokens, 0);
    expect(sum).toBe(manifest.totals.global_tokens.output);
  });

  it('takes times and projects, and says when nothing happened in them', async () => {
    const { stdout, exit } = await home.han(['stats', '--since', '1999-01-01', '--until', '1999-02-01']);
    expect(exit).toBe(0);
    expect(stdout).toContain('Nothing happened in this time.');
    const { total, calls } = await periodOf('--project', 'no-such-project');
    expect([total.replyCount, calls.callCount]).toEqual([0, 0]);
    // Without a beginning the period has one, 30 days before its end.
    const { value } = await home.json(['stats', '--until', '1999-02-01T00:00:00Z']);
    expect(value).toMatchObject({ period: { since: '1999-01-02T00:00:00.000Z' } });
  });

  it('takes prices from a file, by option and by variable', async () => {
    const models = (await periodOf('--by', 'model')).models ?? [];
    const prices = join(home.folder, 'prices.json');
    const free = models.map(({ model }) => [
      model ?? '',
      { input: 0, output: 1, cache_read: 0, web_search: 0 },
    ]);
    writeFileSync(prices, JSON.stringify({ date: '2030-01-01', models: Object.fromEntries(free) }));
    const period = await periodOf('--prices', prices);
    expect(period).toMatchObject({ pricesDate: '2030-01-01', unpricedModels: [] });
    expect(period.total.costNanoDollars).toBe(1000 * manifest.totals.global_tokens.output);
    const byVariable = await home.han(['stats', ...ever, '--json'], { HAN_PRICES: prices });
    expect(JSON.parse(byVariable.stdout)).toMatchObject({ period: { total: period.total } });
    expect((await home.han(['stats', ...ever], { HAN_PRICES: '' })).exit).toBe(0);
  });

  it('ends with 1 for a bad price file and names the line', async () => {
    const prices = join(home.folder, 'bad.json');
    writeFileSync(prices, '{\n  "models": {\n    "m": { "input": 1 }\n  }\n}\n');
    const { stdout, stderr, exit } = await home.han(['stats', '--prices', prices]);
    expect({ stdout, exit }).toEqual({ stdout: '', exit: 1 });
    expect(stderr).toContain(`read the prices in ${prices}, line 3: \`output\` of the model m is missing`);
    expect(stderr).toContain('(PRICES_INVALID)');
  });

  it('says what to do with an empty database', async () => {
    const empty = new Home();
    expect((await empty.han(['stats'])).exit).toBe(4);
    const { HanClient } = await import('@han/client');
    HanClient.open({ dbPath: empty.dbPath }).close();
    const { stdout, exit } = await empty.han(['stats']);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^Nothing is indexed yet\. Index your transcripts: .* index$/m);
  });

  it('refuses a subject that there is none of', async () => {
    const { stderr, exit } = await home.han(['stats', '--by', 'mood']);
    expect(exit).toBe(2);
    expect(stderr).toContain('Allowed choices are day, model, project, session, agent, tool');
  });
});

describe('a bar', () => {
  it('fills its part to an eighth of a cell, and is seen where there is anything', () => {
    expect(bar(10, 10, 4)).toBe('████');
    expect(bar(5, 10, 4)).toBe('██');
    expect(bar(1, 16, 2)).toBe('▏');
    expect(bar(1e-9, 10, 4)).toBe('▏');
    expect([bar(0, 10, 4), bar(5, 0, 4), bar(5, 10, 0), bar(Number.NaN, 1, 4)]).toEqual(['', '', '', '']);
    expect(bar(20, 10, 3)).toBe('███');
  });
});

describe('money', () => {
  it('has cents as long as they matter', () => {
    expect([0, 0.004, 0.005, 12.345, 999.99, 1234.5].map(dollars)).toEqual([
      '$0.00',
      '<$0.01',
      '$0.01',
      '$12.35',
      '$999.99',
      '$1,235',
    ]);
  });
});
