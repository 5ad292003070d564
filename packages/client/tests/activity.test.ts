import { describe, expect, it } from 'vitest';
import { newClient, sessionIds, turns, writeTranscripts } from './archive.js';

describe('activity', () => {
  it('is nothing in a new database', async () => {
    const client = newClient();
    expect(await client.activity.dashboard('2020-01-01')).toEqual(
      client.activity.dashboardSync('2020-01-01'),
    );
    expect(client.activity.dashboardSync('2020-01-01')).toMatchObject({
      toolUsage: [],
      totalSessions: 0,
      totalMessages: 0,
      sessionStats: [],
      hookHealth: [],
    });
    expect(client.activity.byDaySync('2020-01-01')).toEqual({
      dailyActivity: [],
      hourlyActivity: [],
      totalInputTokens: 0,
      totalOutputTokens: 0,
      totalCacheReadTokens: 0,
      totalMessages: 0,
      totalSessions: 0,
    });
  });

  it('counts what was indexed, each reply once', async () => {
    const client = newClient();
    await client.indexer.scan({ configDirs: [writeTranscripts()] });
    const replies = sessionIds.length * turns;
    const byDay = await client.activity.byDay('2020-01-01');
    expect(byDay).toEqual(client.activity.byDaySync(new Date('2020-01-01T00:00:00Z')));
    expect(byDay).toMatchObject({ totalMessages: replies, totalSessions: 3, totalInputTokens: 10 * replies });
    const dashboard = await client.activity.dashboard('2020-01-01');
    expect(dashboard).toMatchObject({ totalMessages: replies, totalInputTokens: 10 * replies });
    expect(dashboard.sessionStats.map(({ sessionId }) => sessionId)).toEqual([...sessionIds].reverse());
    expect(dashboard.sessionStats[0]).toMatchObject({ turnCount: turns, messageCount: 2 * turns });
  });

  it('takes times only', async () => {
    const client = newClient();
    expect(() => client.activity.byDaySync('yesterday')).toThrow(
      expect.objectContaining({ code: 'INVALID_TIMESTAMP' }),
    );
    await expect(client.activity.dashboard(new Date(Number.NaN))).rejects.toMatchObject({
      code: 'INVALID_TIMESTAMP',
    });
  });
});
