import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HanClient } from '../src/index.js';
import { newClient, sessionIds, transcriptPath, turns, writeTranscripts } from './archive.js';

async function indexed(): Promise<{ client: HanClient; configDir: string }> {
  const client = newClient();
  const configDir = writeTranscripts();
  await client.indexer.scan({ configDirs: [configDir] });
  return { client, configDir };
}

const newestFirst = [...sessionIds].reverse();

describe('sessions', () => {
  it('pages newest activity first, each session once', async () => {
    const { client } = await indexed();
    const first = client.sessions.page({ limit: 2 });
    expect(first.items.map(({ id }) => id)).toEqual(newestFirst.slice(0, 2));
    expect(first.hasMore).toBe(true);
    const second = client.sessions.page({ limit: 2, cursor: first.nextCursor as string });
    expect(second.items.map(({ id }) => id)).toEqual(newestFirst.slice(2));
    expect(second).toMatchObject({ hasMore: false });
    expect(second.nextCursor).toBeUndefined();
  });

  it('walks through all pages', async () => {
    const { client } = await indexed();
    const ids: string[] = [];
    for await (const { id } of client.sessions.all({ pageSize: 1 })) {
      ids.push(id);
    }
    expect(ids).toEqual(newestFirst);
  });

  it('filters by project and by time', async () => {
    const { client } = await indexed();
    const ids = (filter: Parameters<typeof client.sessions.page>[0]) =>
      client.sessions.page(filter).items.map(({ id }) => id);
    expect(ids({ project: 'my-app' })).toEqual(newestFirst);
    expect(ids({ project: 'no-such-project' })).toEqual([]);
    expect(ids({ since: new Date('2026-11-01T01:00:00Z') })).toEqual(newestFirst.slice(0, 2));
    expect(ids({ until: '2026-11-01T01:00:00Z' })).toEqual([sessionIds[0]]);
  });

  it('tells the totals of one session', async () => {
    const { client, configDir } = await indexed();
    expect(client.sessions.overview(sessionIds[0])).toMatchObject({
      id: sessionIds[0],
      projectName: 'my-app',
      projectPath: '/home/ann/my-app',
      transcriptPath: transcriptPath(configDir, 0),
      startedAt: '2026-11-01T00:00:00.000Z',
      endedAt: '2026-11-01T00:00:05.000Z',
      messageCount: turns * 2,
      agentCount: 0,
      inputTokens: turns * 10,
      outputTokens: turns * 20,
    });
    expect(client.sessions.overview('no such session')).toBeNull();
  });

  it('tells that a source is gone until it is back', async () => {
    const { client, configDir } = await indexed();
    const gone = () =>
      client.sessions
        .page()
        .items.filter(({ isSourceMissing }) => isSourceMissing)
        .map(({ id }) => id);
    expect(gone()).toEqual([]);
    const path = transcriptPath(configDir, 1);
    const text = client.messages
      .page(sessionIds[1], { withRaw: true })
      .items.map(({ rawJson }) => `${rawJson}\n`);
    rmSync(path);
    await client.indexer.scan({ configDirs: [configDir] });
    expect(gone()).toEqual([sessionIds[1]]);
    expect(client.sessions.overview(sessionIds[1])).toMatchObject({
      isSourceMissing: true,
      messageCount: turns * 2,
    });
    writeFileSync(path, text.join(''));
    await client.indexer.scan({ configDirs: [configDir] });
    expect(gone()).toEqual([]);
  });

  it('finds ids by their beginning', async () => {
    const { client } = await indexed();
    expect(client.sessions.find('2222')).toEqual([sessionIds[1]]);
    expect(client.sessions.find('', 2)).toHaveLength(2);
    expect(client.sessions.find('%')).toEqual([]);
  });

  it('reads, lists and ends stored rows', async () => {
    const { client } = await indexed();
    expect(client.sessions.get(sessionIds[1])).toMatchObject({ id: sessionIds[1], status: 'active' });
    expect(client.sessions.get('no such session')).toBeNull();
    expect(client.sessions.end(sessionIds[1])).toBe(true);
    expect(client.sessions.list({ status: 'completed' })).toMatchObject([{ id: sessionIds[1] }]);
    expect(client.sessions.list({ limit: 1 })).toMatchObject([{ id: sessionIds[2] }]);
    expect(await client.sessions.listAsync({ limit: 2 })).toEqual(client.sessions.list({ limit: 2 }));
    expect(await client.sessions.pageAsync({ limit: 2 })).toEqual(client.sessions.page({ limit: 2 }));
    const ids = [sessionIds[1], 'no such session'];
    expect(await client.sessions.timestampsAsync(ids)).toEqual(client.sessions.timestamps(ids));
    expect(client.sessions.lastIndexedLine(sessionIds[1])).toBe(turns * 2 - 1);
  });

  it('creates and changes sessions', () => {
    const client = newClient();
    const project = client.projects.upsert({ slug: '-p', path: '/p', name: 'p' });
    client.sessions.upsert({ id: 's', projectId: project.id as string, slug: 'three-random-words' });
    expect(client.sessions.upsert({ id: 's', status: 'completed' })).toMatchObject({
      id: 's',
      projectId: project.id,
      status: 'completed',
      slug: 'three-random-words',
    });
    expect(() => client.sessions.upsert({ id: 't', projectId: 'no such project' })).toThrow(
      expect.objectContaining({ code: 'DB_CONSTRAINT' }),
    );
  });

  it('tells first and last times of many sessions at once', async () => {
    const { client } = await indexed();
    const times = client.sessions.timestamps([sessionIds[0], 'no such session']);
    expect(new Date(times[sessionIds[0]]?.endedAt ?? '').toISOString()).toBe('2026-11-01T00:00:05.000Z');
    expect(times['no such session']).toEqual({ sessionId: 'no such session' });
  });
});
