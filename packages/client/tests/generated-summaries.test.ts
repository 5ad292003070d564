import { describe, expect, it } from 'vitest';
import { newClient } from './archive.js';

describe('generated summaries', () => {
  it('are written, found and missed', async () => {
    const client = newClient();
    for (const id of ['a', 'b', 'c']) client.sessions.upsert({ id });
    expect(client.generatedSummaries.get('a')).toBeNull();
    const known = client.generatedSummaries.upsert({
      sessionId: 'a',
      summaryText: 'Fixed a flaky test.',
      topics: ['databases'],
      toolsUsed: ['Edit'],
    });
    client.generatedSummaries.upsert({ sessionId: 'b', summaryText: 'Another test.', topics: [] });
    expect(client.generatedSummaries.get('a')).toEqual(known);
    expect(client.generatedSummaries.missing()).toEqual(['c']);
    expect(client.generatedSummaries.missing(0)).toEqual([]);

    const { items, hasMore } = await client.generatedSummaries.searchPage('test', { limit: 1 });
    expect(items.map(({ sessionId }) => sessionId)).toEqual(['b']);
    expect(hasMore).toBe(true);
    expect(client.generatedSummaries.searchPageSync('databases OR nothing').items).toEqual([known]);
    const walked: string[] = [];
    for await (const { sessionId } of client.generatedSummaries.query('test', 1)) walked.push(sessionId);
    expect(walked).toEqual(['b', 'a']);
  });

  it('refuse an unknown session', () => {
    const input = { sessionId: 'nobody', summaryText: 'text', topics: [] };
    expect(() => newClient().generatedSummaries.upsert(input)).toThrow(
      expect.objectContaining({ code: 'DB_CONSTRAINT' }),
    );
  });
});
