/** The commands that read, over the generated transcripts. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Message, SearchHit, SearchPage, SessionOverview, SessionPage, ToolCall } from '@han/client';
import { beforeAll, describe, expect, it } from 'vitest';
import { bin, generated, Home } from './han.js';

interface Manifest {
  files: { path: string; kind: string; session: string; lines: number }[];
  sessions: {
    session: string;
    lines: number;
    tokens: { input: number; output: number; cache_creation: number; cache_read: number };
  }[];
  needles: { text: string; lines: number; first: { uuid: string }[] }[];
}

/** What `han show --json` adds to a message. */
interface Calls {
  toolCalls?: ToolCall[];
}

const manifest: Manifest = JSON.parse(readFileSync(join(generated, 'manifest.json'), 'utf8'));
const home = new Home();

beforeAll(async () => {
  const { exit } = await home.han(['index', '--config-dir', generated, '--quiet']);
  expect(exit).toBe(0);
});

/** A word that stands in several rows, and one that stands in one. */
const [frequent] = [...manifest.needles].sort((a, b) => b.lines - a.lines);
const rare = manifest.needles.find(({ lines }) => lines === 1);
if (frequent === undefined || rare === undefined) {
  throw new Error('the manifest has no needles');
}

describe('han search', () => {
  it.each(manifest.needles.map(({ text, lines }) => [text, lines]))(
    'finds %s in %i rows',
    async (text, lines) => {
      const { value } = await home.json(['search', `${text}`, '--limit', '1000']);
      expect((value as SearchPage).items).toHaveLength(Number(lines));
    },
  );

  it('shows hits with session, time and snippet', async () => {
    const { stdout, stderr, exit } = await home.han(['search', rare.text]);
    expect({ stderr, exit }).toEqual({ stderr: '', exit: 0 });
    const [where, who, snippet] = stdout.split('\n');
    expect(where).toContain('pixfou');
    expect(who).toMatch(/^[0-9a-f-]{36} {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}\w+/);
    expect(snippet).toContain(rare.text);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('1 hit.');
    expect(stdout).not.toContain('\u001b');
  });

  it('highlights with colour where it is wanted', async () => {
    const colored = await home.han(['search', rare.text], { FORCE_COLOR: '1' });
    expect(colored.stdout).toContain(`\u001b[33m${rare.text}`);
    const plain = await home.han(['search', rare.text, '--no-color'], { FORCE_COLOR: '1' });
    expect(plain.stdout).not.toContain('\u001b');
  });

  it('pages by number and by cursor, each hit once', async () => {
    const all = (await home.json(['search', frequent.text, '--limit', '1000'])).value as SearchPage;
    expect(all.items.length).toBeGreaterThan(2);
    const first = (await home.json(['search', frequent.text, '--limit', '2'])).value as SearchPage;
    expect(first.hasMore).toBe(true);
    const byNumber = await home.json(['search', frequent.text, '--limit', '2', '--page', '2']);
    const byCursor = await home.json([
      'search',
      frequent.text,
      '--limit',
      '2',
      '--cursor',
      first.nextCursor as string,
    ]);
    expect(byNumber.value).toEqual(byCursor.value);
    const ids = [...first.items, ...(byCursor.value as SearchPage).items].map(({ messageId }) => messageId);
    expect(ids).toEqual(all.items.slice(0, ids.length).map(({ messageId }) => messageId));
    const { stdout } = await home.han(['search', frequent.text, '--limit', '2']);
    expect(stdout).toContain('2 hits, more with --page 2.');
  });

  it('filters by session, role, project and time', async () => {
    const count = async (...options: string[]) => {
      const { value } = await home.json(['search', frequent.text, '--limit', '1000', ...options]);
      return (value as SearchPage).items.length;
    };
    const hits = ((await home.json(['search', frequent.text, '--limit', '1000'])).value as SearchPage).items;
    const [hit] = hits;
    if (hit === undefined) {
      throw new Error('nothing was found');
    }
    const expected = (condition: (other: SearchHit) => boolean) => hits.filter(condition).length;
    expect(await count('--session', hit.sessionId.slice(0, 8))).toBe(
      expected(({ sessionId }) => sessionId === hit.sessionId),
    );
    for (const role of ['user', 'assistant', 'tool', 'system', 'summary']) {
      expect([role, await count('--role', role)]).toEqual([
        role,
        expected(({ speaker }) => speaker === role),
      ]);
    }
    expect(await count('--project', hit.projectName as string)).toBe(hits.length);
    expect(await count('--project', 'no-such-project')).toBe(0);
    expect(await count('--since', hit.timestamp)).toBe(
      expected(({ timestamp }) => timestamp >= hit.timestamp),
    );
    expect(await count('--until', hit.timestamp)).toBe(
      expected(({ timestamp }) => timestamp < hit.timestamp),
    );
    expect(await count('--agent', 'main')).toBe(expected(({ agentId }) => agentId === undefined));
  });

  it('sorts by time with --newest', async () => {
    const { value } = await home.json(['search', frequent.text, '--newest']);
    const times = (value as SearchPage).items.map(({ timestamp }) => timestamp);
    expect(times).toEqual([...times].sort().reverse());
  });

  it('ends with 3 when nothing is found', async () => {
    expect(await home.han(['search', 'zqnothinglikethis'])).toEqual({
      stdout: '',
      stderr: 'Nothing found.\n',
      exit: 3,
    });
    expect(await home.json(['search', 'zqnothinglikethis'])).toEqual({
      exit: 3,
      value: { items: [], hasMore: false },
    });
  });

  it.each([['"'], ['((('], ['*'], ['--', '-x'], ['AND']])('takes %j as it is', async (...words) => {
    expect([0, 3]).toContain((await home.han(['search', ...words])).exit);
  });

  it('ends with 3 for a session that does not exist', async () => {
    const { stderr, exit } = await home.han(['search', frequent.text, '--session', 'zz']);
    expect(exit).toBe(3);
    expect(stderr).toContain('SESSION_NOT_FOUND');
  });
});

describe('han sessions', () => {
  it('lists every session, newest activity first, with its tokens', async () => {
    const { value } = await home.json(['sessions']);
    const { items } = value as SessionPage;
    const times = items.map(({ endedAt }) => endedAt);
    expect(times).toEqual([...times].sort().reverse());
    expect(items.map(({ id }) => id).sort()).toEqual(manifest.sessions.map(({ session }) => session).sort());
  });

  it('draws a table with a heading', async () => {
    const { stdout, exit } = await home.han(['sessions']);
    expect(exit).toBe(0);
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head).toMatch(/^SESSION +LAST ACTIVITY +PROJECT +MESSAGES +TITLE$/);
    expect(rows).toHaveLength(manifest.sessions.length);
  });

  it('fits the width that COLUMNS names', async () => {
    const { stdout } = await home.han(['sessions'], { COLUMNS: '70' });
    for (const line of stdout.trimEnd().split('\n')) {
      expect(line.length).toBeLessThanOrEqual(70);
    }
    expect(stdout).toMatch(/^[0-9a-f]{8} {2}/m);
  });

  it('pages', async () => {
    const { stdout } = await home.han(['sessions', '--limit', '2', '--page', '2']);
    expect(stdout).toContain('2 sessions, more with --page 3.');
  });

  it('ends with 3 when there is none', async () => {
    const { stdout, stderr, exit } = await home.han(['sessions', '--project', 'no-such-project']);
    expect({ stdout, exit }).toEqual({ stdout: '', exit: 3 });
    expect(stderr).toContain('No such session.');
  });
});

describe('han show', () => {
  const whole = manifest.files.find(
    ({ kind, session, lines }) =>
      kind === 'main' && manifest.sessions.some((each) => each.session === session && each.lines === lines),
  );
  if (whole === undefined) {
    throw new Error('no session of the manifest is one file');
  }
  const id = whole.session;

  it('reads a session by a unique beginning of its id', async () => {
    const { stdout, exit } = await home.han(['show', id.slice(0, 6)]);
    expect(exit).toBe(0);
    expect(stdout).toContain(`session ${id}`);
    expect(stdout).toMatch(/^project .*pixfou/m);
    expect(stdout).toMatch(/^user {2}\d{4}-/m);
    expect(stdout).toMatch(/^assistant {2}\d{4}-/m);
    expect(stdout).toMatch(/messages? shown/);
  });

  it('prints raw lines byte for byte', async () => {
    const { stdout } = await home.han(['show', id, '--all', '--raw']);
    expect(stdout).toBe(readFileSync(join(generated, whole.path), 'utf8'));
  });

  it('prints the session and its rows as JSON', async () => {
    const { value } = await home.json(['show', id, '--all']);
    const { session, messages, hasMore } = value as {
      session: SessionOverview;
      messages: Message[];
      hasMore: boolean;
    };
    expect(session).toMatchObject({ id, rowCount: messages.length });
    expect(hasMore).toBe(false);
    expect(messages.every(({ rawJson }) => rawJson === undefined)).toBe(true);
  });

  it('shows the first rows, or the last, in the order in which they happened', async () => {
    const rows = async (...options: string[]) => {
      const { value } = await home.json(['show', id, ...options]);
      return value as { messages: Message[]; hasMore: boolean };
    };
    const all = (await rows('--all')).messages.map(({ id: rowId }) => rowId);
    const first = await rows('--limit', '3');
    expect(first.messages.map(({ id: rowId }) => rowId)).toEqual(all.slice(0, 3));
    expect(first.hasMore).toBe(true);
    const last = await rows('--limit', '3', '--newest');
    expect(last.messages.map(({ id: rowId }) => rowId)).toEqual(all.slice(-3));
    const exact = await rows('--limit', String(all.length));
    expect(exact.hasMore).toBe(false);
  });

  it('counts only messages with text for people, and folds results into the lines of their calls', async () => {
    const rows = (await home.json(['show', id, '--all'])).value as { messages: (Message & Calls)[] };
    const silent = rows.messages.filter(({ content, toolInput }) => !content?.trim() && !toolInput);
    expect(silent.length).toBeGreaterThan(0);
    const results = new Set(
      rows.messages.flatMap(({ toolCalls = [] }) => toolCalls.map(({ resultMessageId }) => resultMessageId)),
    );
    const folded = rows.messages.filter(
      (row) => row.speaker === 'tool' && row.content && results.has(row.id),
    );
    expect(folded.length).toBeGreaterThan(0);
    const { stdout } = await home.han(['show', id, '--all', '--agents']);
    const shown = rows.messages.length - silent.length - folded.length;
    expect(stdout).toContain(`${shown} messages shown; ${silent.length} row`);
    expect(stdout).toContain(`${folded.length} results of tools folded: --tools shows them.`);
    for (const options of [[], ['--newest']]) {
      const some = await home.han(['show', id, '--agents', '--limit', String(shown - 1), ...options]);
      expect(some.stdout).toContain(`${shown - 1} messages shown; `);
      expect(some.stdout).toContain('rows in all');
      const exact = await home.han(['show', id, '--agents', '--limit', String(shown), ...options]);
      expect(exact.stdout).not.toContain('rows in all');
    }
  });

  it('filters by role', async () => {
    const { value } = await home.json(['show', id, '--role', 'assistant', '--all']);
    const { messages } = value as { messages: Message[] };
    expect(messages.length).toBeGreaterThan(0);
    expect(new Set(messages.map(({ messageType }) => messageType))).toEqual(new Set(['assistant']));
  });

  it('ends with 3 for an unknown session and with 2 for an ambiguous one', async () => {
    const unknown = await home.han(['show', 'zz']);
    expect(unknown.exit).toBe(3);
    expect(unknown.stderr).toContain('no session has an id that begins with "zz" (SESSION_NOT_FOUND)');
    const shared = manifest.sessions
      .map(({ session }) => session.slice(0, 1))
      .find((start, index, starts) => starts.indexOf(start) !== index);
    if (shared === undefined) {
      throw new Error('no two sessions of the manifest begin alike');
    }
    const ambiguous = await home.han(['show', shared]);
    expect(ambiguous.exit).toBe(2);
    expect(ambiguous.stderr).toContain('SESSION_AMBIGUOUS');
  });

  it('ends quietly when its reader has enough', async () => {
    const result = await new Promise<{ stdout: string; stderr: string; failed: boolean }>((resolve) => {
      const command = '"$0" "$1" show "$2" --all --raw | head -n 1';
      execFile(
        'bash',
        ['-o', 'pipefail', '-c', command, process.execPath, bin, id],
        { env: home.environment() },
        (error, stdout, stderr) => resolve({ stdout, stderr, failed: error !== null }),
      );
    });
    expect(result.stdout.split('\n')).toHaveLength(2);
    expect(result).toMatchObject({ stderr: '', failed: false });
  });
});
