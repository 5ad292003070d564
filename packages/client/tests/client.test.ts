import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HanClient } from '../src/index.js';
import { newClient, sessionIds, temporaryFolder, turns, writeTranscripts } from './archive.js';

describe('HanClient', () => {
  it('creates the database and its folder', () => {
    const dbPath = join(temporaryFolder(), 'deep', 'er', 'han.db');
    const client = HanClient.open({ dbPath });
    expect(existsSync(dbPath)).toBe(true);
    expect(client.dbPath).toBe(dbPath);
    client.close();
  });

  it('tells the defaults of the addon without opening anything', () => {
    const info = HanClient.info();
    expect(info.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(info.defaultDbPath.endsWith('han.db')).toBe(true);
    expect(info.threads).toBeGreaterThan(0);
  });

  it('adds up what was indexed', async () => {
    const client = newClient();
    await client.indexer.scan({ configDirs: [writeTranscripts()] });
    const stats = await client.stats();
    const replies = sessionIds.length * turns;
    expect(stats).toMatchObject({
      files: 3,
      sessions: 3,
      projects: 1,
      conversationMessages: replies * 2,
      apiReplies: replies,
      inputTokens: replies * 10,
      outputTokens: replies * 20,
      cacheReadTokens: replies * 30,
      cacheCreationTokens: replies * 40,
      brokenLines: 0,
      firstMessageAt: '2026-11-01T00:00:00.000Z',
    });
    expect(client.statsSync()).toEqual(stats);
  });

  it('finds a new database undamaged', async () => {
    expect(await newClient().check()).toMatchObject({ ok: true, problems: [] });
  });

  it('keeps two databases apart', async () => {
    const [full, empty] = [newClient(), newClient()];
    await full.indexer.scan({ configDirs: [writeTranscripts()] });
    expect(full.sessions.page().items).toHaveLength(3);
    expect(empty.sessions.page().items).toHaveLength(0);
  });

  it('refuses every call after close, and closes twice without complaint', async () => {
    const client = newClient();
    client.close();
    client.close();
    expect(client.closed).toBe(true);
    expect(() => client.sessions.page()).toThrow(expect.objectContaining({ code: 'CLIENT_CLOSED' }));
    expect(() => client.statsSync()).toThrow(/was closed/);
    await expect(client.stats()).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
    await expect(client.search.page('x')).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
  });

  it('can be disposed of', () => {
    const client = newClient();
    client[Symbol.dispose]();
    expect(client.closed).toBe(true);
  });
});
