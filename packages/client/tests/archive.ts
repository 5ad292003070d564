/** Temporary folders and small transcripts for tests that speak to the real addon. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { HanClient } from '../src/index.js';

/** The transcripts that all packages share. */
export const fixtures = fileURLToPath(new URL('../../../crates/testkit/fixtures/', import.meta.url));

/** A folder that is removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'han-client-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A client on a new database. */
export function newClient(folder = temporaryFolder()): HanClient {
  const client = HanClient.open({ dbPath: join(folder, 'test.db') });
  onTestFinished(() => client.close());
  return client;
}

/** The ids of the sessions that {@link writeTranscripts} writes, oldest first. */
export const sessionIds = [
  '11111111-0000-4000-8000-000000000001',
  '22222222-0000-4000-8000-000000000002',
  '33333333-0000-4000-8000-000000000003',
] as const;

/** Turns of every session: one prompt and one reply each. */
export const turns = 3;

/** What a session's prompt and reply of one turn say, beside words that all have. */
export function wordOf(session: number, turn: number): string {
  return `word${'abc'[session]}${turn}`;
}

/**
 * Writes three sessions, one hour apart, of one project. Every prompt holds the word `question`, every reply the word
 * `answer`; both hold {@link wordOf}.
 *
 * @returns The configuration folder.
 */
export function writeTranscripts(folder = temporaryFolder()): string {
  const project = join(folder, 'projects', '-home-ann-my-app');
  mkdirSync(project, { recursive: true });
  sessionIds.forEach((sessionId, session) => {
    const lines = Array.from({ length: turns }, (_, turn) => [
      line(session, turn, 'user', { role: 'user', content: `question ${wordOf(session, turn)}` }),
      line(session, turn, 'assistant', {
        id: `msg_${session}_${turn}`,
        type: 'message',
        role: 'assistant',
        model: 'test-model',
        content: [{ type: 'text', text: `answer ${wordOf(session, turn)}` }],
        usage: {
          input_tokens: 10,
          output_tokens: 20,
          cache_read_input_tokens: 30,
          cache_creation_input_tokens: 40,
        },
      }),
    ]).flat();
    writeFileSync(join(project, `${sessionId}.jsonl`), `${lines.join('\n')}\n`);
  });
  return folder;
}

/** The transcript of one of {@link sessionIds}. */
export function transcriptPath(configDir: string, session: number): string {
  return join(configDir, 'projects', '-home-ann-my-app', `${sessionIds[session]}.jsonl`);
}

function line(session: number, turn: number, type: 'user' | 'assistant', message: object): string {
  const second = turn * 2 + (type === 'assistant' ? 1 : 0);
  return JSON.stringify({
    type,
    uuid: `${session}${turn}${second}00000-0000-4000-8000-00000000000${type === 'user' ? 1 : 2}`,
    parentUuid: null,
    sessionId: sessionIds[session],
    cwd: '/home/ann/my-app',
    version: '2.1.39',
    timestamp: `2026-11-01T0${session}:00:0${second}.000Z`,
    message,
  });
}
