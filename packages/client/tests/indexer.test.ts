import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { IndexProgress } from '@han/native';
import { describe, expect, it } from 'vitest';
import {
  fixtures,
  newClient,
  sessionIds,
  temporaryFolder,
  transcriptPath,
  turns,
  writeTranscripts,
} from './archive.js';

const rows = turns * 2;

describe('indexer', () => {
  it('scans configuration folders and has nothing to do the second time', async () => {
    const client = newClient();
    const configDirs = [writeTranscripts()];
    expect(await client.indexer.scan({ configDirs })).toMatchObject({
      status: 'complete',
      filesSeen: 3,
      filesIndexed: 3,
      filesUnchanged: 0,
      filesFailed: 0,
      sessions: 3,
      messagesIndexed: rows * 3,
      brokenLines: 0,
    });
    expect(await client.indexer.scan({ configDirs })).toMatchObject({
      status: 'complete',
      filesSeen: 3,
      filesIndexed: 0,
      filesUnchanged: 3,
      messagesIndexed: 0,
      bytesRead: 0,
      results: [],
    });
  });

  it('indexes one file, then only what was added to it', async () => {
    const client = newClient();
    const path = transcriptPath(writeTranscripts(), 0);
    const first = await client.indexer.indexFile(path);
    expect(first).toMatchObject({ filesIndexed: 1, messagesIndexed: rows });
    expect(first.results).toMatchObject([
      { sessionId: sessionIds[0], filePath: path, isNewSession: true, totalMessages: rows },
    ]);
    const added = `${readFileSync(path, 'utf8')
      .split('\n')[0]
      ?.replace(/"uuid":"[^"]*"/, '"uuid":"99999999-0000-4000-8000-000000000009"')}\n`;
    appendFileSync(path, added);
    const second = await client.indexer.indexFile(path);
    expect(second).toMatchObject({ messagesIndexed: 1 });
    expect(second.bytesRead).toBeLessThan(first.bytesRead);
    expect(second.results).toMatchObject([{ isNewSession: false, totalMessages: rows + 1 }]);
  });

  it('indexes one project folder', async () => {
    const client = newClient();
    const path = transcriptPath(writeTranscripts(), 0);
    expect(await client.indexer.indexProject(dirname(path))).toMatchObject({ filesIndexed: 3, sessions: 3 });
  });

  it('does the same work on the calling thread', () => {
    const client = newClient();
    const path = transcriptPath(writeTranscripts(), 0);
    expect(client.indexer.indexFileSync(path)).toMatchObject({
      sessionId: sessionIds[0],
      messagesIndexed: rows,
      totalMessages: rows,
      isNewSession: true,
    });
    expect(client.indexer.indexProjectSync(dirname(path)).length).toBeGreaterThanOrEqual(2);
    expect(client.sessions.page().items).toHaveLength(3);
  });

  it('tells progress to a callback and to a loop, ending with everything done', async () => {
    const client = newClient();
    const told: IndexProgress[] = [];
    const run = client.indexer.scan({
      configDirs: [writeTranscripts()],
      onProgress: (progress) => told.push(progress),
    });
    let last: IndexProgress | undefined;
    for await (const progress of run) {
      last = progress;
    }
    await run;
    expect(told.length).toBeGreaterThan(0);
    expect(last).toMatchObject({ filesTotal: 3, filesDone: 3 });
    expect(last?.bytesDone).toBe(last?.bytesTotal);
  });

  it('keeps what was finished when it is cancelled, and goes on from there', async () => {
    const client = newClient();
    const configDirs = [join(fixtures, 'generated')];
    const abort = new AbortController();
    const report = await client.indexer.scan({
      configDirs,
      signal: abort.signal,
      onProgress: () => abort.abort(),
    });
    expect(['partial', 'complete']).toContain(report.status);
    const rest = await client.indexer.scan({ configDirs });
    expect(rest.status).toBe('complete');
    const whole = newClient();
    await whole.indexer.scan({ configDirs });
    expect({ ...client.statsSync(), databaseBytes: 0 }).toEqual({ ...whole.statsSync(), databaseBytes: 0 });
  });

  it('is cancelled by close', async () => {
    const client = newClient();
    const run = client.indexer.scan({ configDirs: [join(fixtures, 'generated')] });
    client.close();
    expect(['partial', 'complete']).toContain((await run).status);
  });

  it('finds what the manifest of the generated transcripts says', async () => {
    const client = newClient();
    await client.indexer.scan({ configDirs: [join(fixtures, 'generated')] });
    const manifest: {
      sessions: { session: string; tokens: { output: number; cache_read: number } }[];
      needles: { text: string; lines: number }[];
    } = JSON.parse(readFileSync(join(fixtures, 'generated', 'manifest.json'), 'utf8'));
    expect(
      client.sessions
        .page()
        .items.map(({ id }) => id)
        .sort(),
    ).toEqual(manifest.sessions.map(({ session }) => session).sort());
    expect(manifest.needles.length).toBeGreaterThan(0);
    for (const { text, lines } of manifest.needles) {
      expect([text, client.search.pageSync(text, { limit: 1000 }).items.length]).toEqual([text, lines]);
    }
  });

  it('lists broken lines with their place and reason', async () => {
    const client = newClient();
    const path = join(fixtures, 'odd', 'broken-line.jsonl');
    expect(await client.indexer.indexFile(path)).toMatchObject({ brokenLines: 1, filesFailed: 0 });
    expect(client.indexer.brokenLines()).toMatchObject([{ filePath: path, reason: 'LINE_NOT_JSON' }]);
  });

  it('lists the transcripts of a folder', () => {
    const client = newClient();
    const folder = dirname(transcriptPath(writeTranscripts(), 0));
    expect(client.indexer.listSessionFiles(folder).map(({ name }) => name)).toEqual(
      expect.arrayContaining([expect.stringContaining(sessionIds[0])]),
    );
    expect(client.indexer.listJsonlFiles(folder, { prefix: '222' })).toMatchObject([
      { path: join(folder, `${sessionIds[1]}.jsonl`) },
    ]);
  });
});

describe('a comparison with the sources', () => {
  it('finds a changed byte, and reads the file anew', async () => {
    const folder = temporaryFolder();
    const project = join(folder, 'projects', '-home-ann-my-app');
    mkdirSync(project, { recursive: true });
    const sessionId = '45454545-0000-4000-8000-000000000004';
    const path = join(project, `${sessionId}.jsonl`);
    const line = (number: number, text: string) =>
      `${JSON.stringify({
        type: 'assistant',
        uuid: `45454545-0000-4000-8000-00000000000${number}`,
        sessionId,
        timestamp: `2026-05-01T12:00:0${number}.000Z`,
        requestId: 'req_1',
        message: {
          id: 'msg_1',
          role: 'assistant',
          model: 'claude-opus-4-5',
          content: [{ type: 'text', text }],
          usage: { input_tokens: 5, output_tokens: number },
        },
      })}\n`;
    const text = line(1, 'first words') + line(2, 'last words');
    writeFileSync(path, text);
    const client = newClient();
    await client.indexer.scan({ configDirs: [folder] });
    const sound = await client.indexer.verify();
    expect(sound).toMatchObject({ status: 'complete', filesDifferent: 0, filesMissing: 0, filesRepaired: 0 });
    expect(sound.files[0]?.ranges).toEqual([{ kind: 'indexed', start: 0, end: text.length }]);

    const [reply] = client.replies.provenance('msg_1');
    expect(reply).toMatchObject({ sessionId, outputTokens: 2, rule: 'usage.message', requestId: 'req_1' });
    expect(reply?.byteOffset).toBe(line(1, 'first words').length);
    expect(reply?.filePath).toBe(sound.files[0]?.filePath);
    expect(reply?.ruleMeaning).toMatch(/usage/);
    expect(client.replies.page(sessionId).items).toEqual([reply]);
    expect(client.replies.provenance('msg_none')).toEqual([]);

    writeFileSync(path, text.replace('first', 'other'));
    const [file] = (await client.indexer.verify({ paths: [folder] })).files;
    expect(file?.problems).toHaveLength(1);
    expect(await client.indexer.verify({ repair: true })).toMatchObject({
      filesDifferent: 1,
      filesRepaired: 1,
    });
    expect((await client.indexer.verify()).filesDifferent).toBe(0);
    await expect(client.indexer.verify({ paths: ['/not/there'] })).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
    });
    await expect(client.indexer.verify({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});
