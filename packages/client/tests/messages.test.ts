import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HanClient } from '../src/index.js';
import { newClient, sessionIds, transcriptPath, turns, wordOf, writeTranscripts } from './archive.js';

const [sessionId] = sessionIds;

async function indexed(): Promise<{ client: HanClient; configDir: string }> {
  const client = newClient();
  const configDir = writeTranscripts();
  await client.indexer.scan({ configDirs: [configDir] });
  return { client, configDir };
}

describe('messages', () => {
  it('pages oldest first, or newest first', async () => {
    const { client } = await indexed();
    const oldest = client.messages.page(sessionId, { limit: 2 });
    expect(oldest.items.map(({ content }) => content)).toEqual([
      `question ${wordOf(0, 0)}`,
      `answer ${wordOf(0, 0)}`,
    ]);
    expect(oldest.hasMore).toBe(true);
    const next = client.messages.page(sessionId, { limit: 2, cursor: oldest.nextCursor as string });
    expect(next.items[0]?.content).toBe(`question ${wordOf(0, 1)}`);
    const newest = client.messages.page(sessionId, { limit: 1, order: 'newest' });
    expect(newest.items[0]?.content).toBe(`answer ${wordOf(0, turns - 1)}`);
  });

  it('walks through a session in the order of the transcript, raw lines included', async () => {
    const { client, configDir } = await indexed();
    const raw: (string | undefined)[] = [];
    for await (const { rawJson } of client.messages.of(sessionId, { withRaw: true, pageSize: 2 })) {
      raw.push(rawJson);
    }
    expect(`${raw.join('\n')}\n`).toBe(readFileSync(transcriptPath(configDir, 0), 'utf8'));
  });

  it('leaves raw lines out unless they are asked for', async () => {
    const { client } = await indexed();
    expect(client.messages.page(sessionId, { limit: 1 }).items[0]?.rawJson).toBeUndefined();
  });

  it('filters by who spoke', async () => {
    const { client } = await indexed();
    const { items } = client.messages.page(sessionId, { speaker: 'user' });
    expect(items.map(({ role }) => role)).toEqual(Array.from({ length: turns }, () => 'user'));
  });

  it('reads one row and lists rows newest first', async () => {
    const { client } = await indexed();
    const [newest] = client.messages.list(sessionId, { messageType: 'assistant', limit: 1 });
    expect(newest?.content).toBe(`answer ${wordOf(0, turns - 1)}`);
    expect(client.messages.get(newest?.id ?? '')).toMatchObject({ id: newest?.id, sessionId });
    expect(client.messages.get('no such row')).toBeNull();
    expect(client.messages.list(sessionId, { offset: turns * 2 - 1 })).toHaveLength(1);
    expect(client.messages.list(sessionId, { agentId: '' })).toHaveLength(turns * 2);
    const filter = { messageType: 'assistant', offset: 1, limit: 2 };
    expect(await client.messages.listAsync(sessionId, filter)).toEqual(
      client.messages.list(sessionId, filter),
    );
  });

  it('counts rows of one and of many sessions', async () => {
    const { client } = await indexed();
    expect(client.messages.count(sessionId)).toBe(turns * 2);
    expect(client.messages.counts([sessionId, 'no such session'])).toEqual({
      [sessionId]: turns * 2,
      'no such session': 0,
    });
    const ids = [sessionId, 'no such session'];
    expect(await client.messages.countsAsync(ids)).toEqual(client.messages.counts(ids));
  });

  it('inserts rows, all or none', () => {
    const client = newClient();
    client.sessions.upsert({ id: 's' });
    const row = (id: string) => ({
      id,
      sessionId: 's',
      messageType: 'user',
      role: 'user',
      content: `hello ${id}`,
      timestamp: '2026-11-01T00:00:00.000Z',
      lineNumber: 0,
    });
    expect(client.messages.insert('s', [row('a'), row('b')])).toBe(2);
    expect(client.messages.insert('s', [])).toBe(0);
    expect(client.messages.count('s')).toBe(2);
    expect(() => client.messages.insert('no such session', [row('c')])).toThrow(
      expect.objectContaining({ code: 'DB_CONSTRAINT' }),
    );
    expect(client.messages.get('c')).toBeNull();
  });
});
