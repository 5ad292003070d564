import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HanClient, HanError } from '../src/index.js';
import { newClient, temporaryFolder } from './archive.js';

/** A client on a database with one session of some messages. */
function filled(messages = 20): HanClient {
  const client = newClient();
  client.sessions.upsert({ id: 's' });
  client.messages.insert(
    's',
    Array.from({ length: messages }, (_, line) => ({
      id: `m${line}`,
      messageType: 'user',
      content: `zebra ${line} and some more words of a message`,
      timestamp: new Date(Date.UTC(2026, 10, 20, 12, 0, line)).toISOString(),
      lineNumber: line,
      rawJson: '{}',
    })),
  );
  return client;
}

describe('client.maintenance', () => {
  it('backs up, with progress', async () => {
    const client = filled();
    const target = join(temporaryFolder(), 'copy.db');
    const phases = new Set<string>();
    const report = await client.maintenance.backup(target, { onProgress: ({ phase }) => phases.add(phase) });
    expect(report).toMatchObject({ path: target, verified: true });
    expect(phases.has('copy') || phases.has('verify')).toBe(true);
    using copy = HanClient.open({ dbPath: target });
    expect(copy.sessions.get('s')).toMatchObject({ id: 's' });
    await expect(client.maintenance.backup(target)).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    await client.maintenance.backup(join(temporaryFolder(), 'copy.db'), { verify: false });
  });

  it('ends when its signal is aborted, and leaves nothing', async () => {
    const client = filled(3000);
    const folder = temporaryFolder();
    const target = join(folder, 'copy.db');
    await expect(
      client.maintenance.backup(target, { signal: AbortSignal.abort('why') }),
    ).rejects.toMatchObject({
      code: 'CANCELLED',
      cause: 'why',
    });
    const abort = new AbortController();
    const running = client.maintenance.backup(target, { signal: abort.signal });
    abort.abort();
    await expect(running).rejects.toThrow(HanError);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('checks, measures, shrinks and moves the log', async () => {
    const client = filled();
    expect(await client.maintenance.integrity({ repair: true })).toMatchObject({
      ok: true,
      status: 'complete',
    });
    expect(client.maintenance.stats()).toMatchObject({ path: client.dbPath, journalMode: 'wal' });
    const { sizes } = await client.maintenance.sizes();
    expect(sizes.find(({ name }) => name === 'messages')).toMatchObject({ rows: 20 });
    expect(await client.maintenance.vacuum()).toMatchObject({ shrunk: true });
    expect(await client.maintenance.checkpoint('truncate')).toMatchObject({ complete: true });
    expect(await client.maintenance.checkpoint()).toMatchObject({ walBytesAfter: 0 });
  });

  it('exports rows as lines', async () => {
    const client = filled();
    let text = '';
    for await (const { bytes } of client.maintenance.export({ tables: ['messages'] })) {
      text += new TextDecoder().decode(bytes);
    }
    expect(text.trimEnd().split('\n')).toHaveLength(20);
    const aborted = client.maintenance.export({ signal: AbortSignal.abort() });
    await expect(aborted.next()).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(client.maintenance.export({ tables: ['nothing'] }).next()).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('ends an export whose loop is left', async () => {
    const client = filled(3000);
    for await (const { rows } of client.maintenance.export()) {
      expect(rows).toBeGreaterThan(0);
      break;
    }
    await expect.poll(async () => (await client.maintenance.checkpoint('truncate')).complete).toBe(true);
  });

  it('gives transcripts back', async () => {
    const client = filled();
    const report = await client.maintenance.restoreTranscripts(join(temporaryFolder(), 'back'), {
      onlyMissing: true,
    });
    expect(report).toMatchObject({ status: 'complete', transcripts: [] });
  });
});
