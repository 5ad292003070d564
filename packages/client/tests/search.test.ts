import { describe, expect, it } from 'vitest';
import type { HanClient } from '../src/index.js';
import { newClient, sessionIds, turns, wordOf, writeTranscripts } from './archive.js';

async function indexed(): Promise<HanClient> {
  const client = newClient();
  await client.indexer.scan({ configDirs: [writeTranscripts()] });
  return client;
}

const prompts = sessionIds.length * turns;

describe('search', () => {
  it('finds a word with its place and the highlight in the snippet', async () => {
    const client = await indexed();
    const word = wordOf(1, 2);
    const { items, hasMore } = await client.search.page(word);
    expect(hasMore).toBe(false);
    expect(items).toHaveLength(2);
    for (const hit of items) {
      expect(hit).toMatchObject({ sessionId: sessionIds[1], projectName: 'my-app' });
      const [start, end] = hit.highlights;
      expect(hit.snippet.slice(start, end)).toBe(word);
      expect(client.messages.get(hit.messageId)?.content).toContain(word);
    }
  });

  it('gives the same page on the calling thread', async () => {
    const client = await indexed();
    expect(client.search.pageSync('answer', { limit: 3 })).toEqual(
      await client.search.page('answer', { limit: 3 }),
    );
  });

  it('walks through every hit once', async () => {
    const client = await indexed();
    const ids: string[] = [];
    for await (const { messageId } of client.search.query('question', { pageSize: 2 })) {
      ids.push(messageId);
    }
    expect(ids).toHaveLength(prompts);
    expect(new Set(ids).size).toBe(prompts);
  });

  it('orders by time when asked', async () => {
    const client = await indexed();
    const { items } = await client.search.page('question', { order: 'newest' });
    const times = items.map(({ timestamp }) => timestamp);
    expect(times).toEqual([...times].sort().reverse());
  });

  it('filters by session, speaker, project and time', async () => {
    const client = await indexed();
    const count = async (query: string, filter: Parameters<typeof client.search.page>[1]) =>
      (await client.search.page(query, filter)).items.length;
    expect(await count('question', { sessionId: sessionIds[0] })).toBe(turns);
    expect(await count(wordOf(0, 0), { speaker: 'assistant' })).toBe(1);
    expect(await count('question', { project: '/home/ann/my-app' })).toBe(prompts);
    expect(await count('question', { project: 'no-such-project' })).toBe(0);
    expect(await count('question', { since: new Date('2026-11-01T02:00:00Z') })).toBe(turns);
    expect(await count('question', { until: '2026-11-01T02:00:00Z' })).toBe(turns * 2);
    expect(await count('question', { agentId: '' })).toBe(prompts);
    expect(await count('question', { agentId: 'no-such-agent' })).toBe(0);
  });

  it.each(['', '   ', '"', '(((', '*', '-- ;', "' OR 1=1", 'AND', 'NEAR(', '\u0000'])(
    'takes %j without an error',
    async (query) => {
      const client = await indexed();
      const { items } = await client.search.page(query);
      expect(items).toEqual([]);
    },
  );

  it('refuses times and limits that are none', async () => {
    const client = await indexed();
    await expect(client.search.page('x', { since: 'yesterday' })).rejects.toMatchObject({
      code: 'INVALID_TIMESTAMP',
    });
    await expect(client.search.page('x', { until: new Date(Number.NaN) })).rejects.toMatchObject({
      code: 'INVALID_TIMESTAMP',
    });
    await expect(client.search.page('x', { limit: 0 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('finds whole rows, newest first', async () => {
    const client = await indexed();
    const found = client.search.messages('question', { limit: 2 });
    expect(found.map(({ content }) => content)).toEqual([
      `question ${wordOf(2, turns - 1)}`,
      `question ${wordOf(2, turns - 2)}`,
    ]);
    expect(client.search.messages('question', { sessionId: sessionIds[0] })).toHaveLength(turns);
    expect(await client.search.messagesAsync('question', { limit: 2 })).toEqual(found);
  });
});
