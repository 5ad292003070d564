import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { AgentUsage, DayUsage, HanClient, SessionUsage, UsageReportBy } from '../src/index.js';
import { newClient, sessionIds, temporaryFolder, turns, writeTranscripts } from './archive.js';

const replies = sessionIds.length * turns;

async function indexed(): Promise<HanClient> {
  const client = newClient();
  await client.indexer.scan({ configDirs: [writeTranscripts()] });
  return client;
}

/** A price file for the model of the transcripts. */
function pricesFile(text = '{"models":{"test-model":{"input":1,"output":2,"cache_read":0.5}}}'): string {
  const path = join(temporaryFolder(), 'prices.json');
  writeFileSync(path, text);
  return path;
}

describe('usage', () => {
  it('is nothing in a new database', async () => {
    const client = newClient();
    const report = await client.usage.query();
    expect(report).toEqual(client.usage.querySync());
    expect(report).toMatchObject({ rows: [], rowCount: 0, unpricedModels: [] });
    expect(report.total).toMatchObject({ replyCount: 0, costNanoDollars: 0, costDollars: 0 });
    expect(report.pricesDate).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(await client.usage.calls()).toEqual({
      callCount: 0,
      errorCount: 0,
      tools: [],
      agents: [],
      fileCount: 0,
      files: [],
      linesAdded: 0,
      linesRemoved: 0,
      compactionCount: 0,
    });
  });

  it('adds up by day, model, project, session and agent, with what names each', async () => {
    const { usage } = await indexed();
    const whole = { replyCount: replies, inputTokens: 10 * replies, outputTokens: 20 * replies };
    const days = await usage.query();
    expect(days.rows).toMatchObject([{ date: '2026-11-01', ...whole }]);
    expect(days.total).toMatchObject({
      ...whole,
      cacheReadTokens: 30 * replies,
      cacheCreationTokens: 40 * replies,
      cacheHourTokens: 0,
      costNanoDollars: 0,
      unpricedReplies: replies,
    });
    expect(days.unpricedModels).toEqual(['test-model']);
    expect((await usage.query({ groupBy: 'model' })).rows).toMatchObject([{ model: 'test-model', ...whole }]);
    const projects = await usage.query({ groupBy: 'project' });
    expect(projects.rows).toMatchObject([{ projectName: 'my-app', projectPath: '/home/ann/my-app' }]);
    const sessions = await usage.query({ groupBy: 'session', limit: 2 });
    expect(sessions.rows).toHaveLength(2);
    expect(sessions.rowCount).toBe(3);
    expect(sessions.total).toEqual(days.total);
    expect(sessions.rows[0]).toMatchObject({ replyCount: turns, sessionTitle: expect.any(String) });
    const [sessionId] = sessionIds;
    const agents = await usage.query({ groupBy: 'agent', sessionId });
    expect(agents.rows).toMatchObject([{ replyCount: turns }]);
    expect(agents.rows[0]?.agentId).toBeUndefined();
  });

  it('costs by the prices of a file, exactly', async () => {
    const { usage } = await indexed();
    const { total, unpricedModels } = usage.querySync({ pricesPath: pricesFile() });
    // In nano-dollars: input 1000, output 2000, read 500, written for five minutes 1.25 times the input.
    const each = 10 * 1000 + 20 * 2000 + 30 * 500 + 40 * 1250;
    expect(total).toMatchObject({ costNanoDollars: each * replies, unpricedReplies: 0 });
    expect(total.costDollars).toBeCloseTo((each * replies) / 1e9, 12);
    expect(unpricedModels).toEqual([]);
  });

  it('takes times, sessions, projects and models', async () => {
    const { usage } = await indexed();
    const count = (options: Parameters<typeof usage.querySync>[0]) =>
      usage.querySync(options).total.replyCount;
    expect(count({ since: new Date('2026-11-01T01:00:00Z') })).toBe(2 * turns);
    // The replies of a session come in seconds 1, 3 and 5.
    expect(count({ since: '2026-11-01T01:00:03Z', until: '2026-11-01T02:00:03Z' })).toBe(turns - 1 + 1);
    expect(count({ sessionId: sessionIds[1] })).toBe(turns);
    expect(count({ project: 'my-app' })).toBe(replies);
    expect(count({ project: 'another' })).toBe(0);
    expect(count({ model: 'test-model' })).toBe(replies);
    expect(count({ model: '' })).toBe(0);
  });

  it('refuses what it cannot take', async () => {
    const { usage } = await indexed();
    const refused = (options: object) => usage.query(options);
    await expect(refused({ groupBy: 'week' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(refused({ groupBy: 'agent' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(refused({ limit: -1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(refused({ since: 'soon' })).rejects.toMatchObject({ code: 'INVALID_TIMESTAMP' });
    await expect(refused({ pricesPath: '/no/such/file' })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    const pricesPath = pricesFile('{\n  "models": { "m": { "input": "much", "output": 1 } }\n}');
    await expect(refused({ pricesPath })).rejects.toMatchObject({
      code: 'PRICES_INVALID',
      message: expect.stringContaining(`${pricesPath}, line 2: \`input\` of the model m`),
    });
    await expect(usage.calls({ limit: 0.5 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('has rows typed by their group', async () => {
    const { usage } = newClient();
    expectTypeOf(await usage.query()).toEqualTypeOf<UsageReportBy<'day'>>();
    expectTypeOf(usage.querySync().rows).toEqualTypeOf<DayUsage[]>();
    expectTypeOf(usage.querySync({ groupBy: 'session' }).rows).toEqualTypeOf<SessionUsage[]>();
    const agents = usage.querySync({ groupBy: 'agent', sessionId: 'unknown' }).rows;
    expectTypeOf(agents).toEqualTypeOf<AgentUsage[]>();
    expect(agents).toEqual([]);
  });
});
