// Repositories, projects, sessions and messages: the shapes of records, defaults, what is kept and what is overwritten,
// and the order of lists.
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../../index.js';
import { errorOf, newPlace, thrownBy } from './transcripts';

const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** A new database for each test; no function here is preceded by `dbInit`. */
let db: string;
beforeEach(() => {
  db = newPlace().dbPath;
});

/** Waits until the clock shows another millisecond. */
function nextMillisecond() {
  const start = Date.now();
  while (Date.now() === start);
}

describe('a repository', () => {
  it('has exactly the fields that have a value', () => {
    const repo = native.upsertRepo(db, { remote: 'git@host:ferry.git', name: 'ferry' });
    expect(repo).toStrictEqual({
      id: uuid,
      remote: 'git@host:ferry.git',
      name: 'ferry',
      createdAt: time,
      updatedAt: time,
    });
    const other = native.upsertRepo(db, { remote: 'r', name: 'r', defaultBranch: 'main' });
    expect(other).toStrictEqual({ ...other, defaultBranch: 'main' });
    expect(native.getRepoByRemote(db, 'git@host:ferry.git')).toStrictEqual(repo);
  });

  it('is told by its remote: name and branch are overwritten, even with nothing', () => {
    const first = native.upsertRepo(db, { remote: 'r', name: 'one', defaultBranch: 'main' });
    nextMillisecond();
    const second = native.upsertRepo(db, { remote: 'r', name: 'two' });
    expect(second).toStrictEqual({
      id: first.id,
      remote: 'r',
      name: 'two',
      createdAt: first.createdAt,
      updatedAt: time,
    });
    expect(second.updatedAt).not.toBe(first.updatedAt);
    expect(native.listRepos(db)).toStrictEqual([second]);
  });

  it('that does not exist is null', () => {
    expect(native.getRepoByRemote(db, 'r')).toBeNull();
    expect(native.listRepos(db)).toStrictEqual([]);
  });

  it('is listed by name', () => {
    for (const name of ['cedar', 'alder', 'beech'])
      native.upsertRepo(db, { remote: `remote of ${name}`, name });
    expect(native.listRepos(db).map(({ name }) => name)).toEqual(['alder', 'beech', 'cedar']);
  });
});

describe('a project', () => {
  const whole = {
    slug: '-home-ann-ferry',
    path: '/home/ann/ferry',
    relativePath: 'apps/ferry',
    name: 'ferry',
    isWorktree: true,
    sourceConfigDir: '/home/ann/.claude',
  };

  it('has exactly the fields that have a value, and is no work tree unless told', () => {
    const project = native.upsertProject(db, { slug: 's', path: '/p', name: 'n' });
    expect(project).toStrictEqual({
      id: uuid,
      slug: 's',
      path: '/p',
      name: 'n',
      isWorktree: false,
      createdAt: time,
      updatedAt: time,
    });
    expect(native.getProjectBySlug(db, 's')).toStrictEqual(project);
    expect(native.getProjectByPath(db, '/p')).toStrictEqual(project);
    const { id: repoId } = native.upsertRepo(db, { remote: 'r', name: 'r' });
    expect(native.upsertProject(db, { ...whole, repoId })).toStrictEqual({
      ...whole,
      repoId,
      id: uuid,
      createdAt: time,
      updatedAt: time,
    });
  });

  it('is told by its slug: everything but the config folder is overwritten', () => {
    const { id: repoId } = native.upsertRepo(db, { remote: 'r', name: 'r' });
    const first = native.upsertProject(db, { ...whole, repoId });
    nextMillisecond();
    const second = native.upsertProject(db, { slug: whole.slug, path: '/other', name: 'other' });
    expect(second).toStrictEqual({
      id: first.id,
      slug: whole.slug,
      path: '/other',
      name: 'other',
      isWorktree: false,
      sourceConfigDir: whole.sourceConfigDir,
      createdAt: first.createdAt,
      updatedAt: time,
    });
    const third = native.upsertProject(db, { ...whole, sourceConfigDir: '/new' });
    expect(third.sourceConfigDir).toBe('/new');
  });

  it('of an unknown repository is DB_CONSTRAINT and not written', () => {
    const error = thrownBy(() => native.upsertProject(db, { ...whole, repoId: 'nobody' }));
    expect(error).toMatchObject(errorOf('DB_CONSTRAINT'));
    expect(native.listProjects(db)).toEqual([]);
  });

  it('that does not exist is null; paths are compared as text', () => {
    native.upsertProject(db, whole);
    expect(native.getProjectBySlug(db, 'other')).toBeNull();
    expect(native.getProjectByPath(db, '/home/ann')).toBeNull();
    expect(native.getProjectByPath(db, '/home/ann/ferry/')).toBeNull();
  });

  it('is listed by name, also of one repository', () => {
    const { id: repoId } = native.upsertRepo(db, { remote: 'r', name: 'r' });
    native.upsertProject(db, { slug: '1', path: '/1', name: 'cedar', repoId });
    native.upsertProject(db, { slug: '2', path: '/2', name: 'alder' });
    native.upsertProject(db, { slug: '3', path: '/3', name: 'beech', repoId });
    const names = (id?: string | null) => native.listProjects(db, id).map(({ name }) => name);
    expect(names()).toEqual(['alder', 'beech', 'cedar']);
    expect(names(null)).toEqual(['alder', 'beech', 'cedar']);
    expect(names(repoId)).toEqual(['beech', 'cedar']);
    expect(names('nobody')).toEqual([]);
  });
});

describe('a session', () => {
  it('has exactly the fields that have a value, and is active unless told', () => {
    expect(native.upsertSession(db, { id: 's' })).toStrictEqual({ id: 's', status: 'active' });
    const { id: projectId } = native.upsertProject(db, { slug: 'p', path: '/p', name: 'p' });
    const whole = {
      id: 'whole',
      projectId: projectId as string,
      status: 'completed',
      transcriptPath: '/t.jsonl',
      slug: 'calm-otter',
      sourceConfigDir: '/c',
    };
    expect(native.upsertSession(db, whole)).toStrictEqual(whole);
    expect(native.getSession(db, 'whole')).toStrictEqual(whole);
    expect(native.getSession(db, 'nobody')).toBeNull();
  });

  it('keeps what is not given again, but for its status', () => {
    const { id: projectId } = native.upsertProject(db, { slug: 'p', path: '/p', name: 'p' });
    const given = {
      projectId: projectId as string,
      transcriptPath: '/t',
      slug: 'calm',
      sourceConfigDir: '/c',
    };
    native.upsertSession(db, { id: 's', status: 'completed', ...given });
    expect(native.upsertSession(db, { id: 's' })).toStrictEqual({ id: 's', status: 'active', ...given });
    expect(native.upsertSession(db, { id: 's', slug: 'new' })).toMatchObject({ ...given, slug: 'new' });
  });

  it('of an unknown project is DB_CONSTRAINT and not written', () => {
    const error = thrownBy(() => native.upsertSession(db, { id: 's', projectId: 'nobody' }));
    expect(error).toMatchObject(errorOf('DB_CONSTRAINT'));
    expect(native.getSession(db, 's')).toBeNull();
  });

  it('is ended, and ending an unknown one is true as well', () => {
    native.upsertSession(db, { id: 's' });
    expect(native.endSession(db, 's')).toBe(true);
    expect(native.getSession(db, 's')?.status).toBe('completed');
    expect(native.endSession(db, 'nobody')).toBe(true);
    expect(native.getSession(db, 'nobody')).toBeNull();
  });

  it('is listed by its last message, newest first, those without one last', () => {
    const { id: projectId } = native.upsertProject(db, { slug: 'p', path: '/p', name: 'p' });
    for (const [id, day] of [
      ['old', 1],
      ['empty', 0],
      ['new', 3],
      ['middle', 2],
    ] as const) {
      native.upsertSession(db, { id, ...(id === 'old' ? { projectId } : {}) });
      if (day > 0)
        native.insertMessagesBatch(db, id, [
          { ...message(`of ${id}`), timestamp: `2026-01-0${day}T00:00:00Z` },
        ]);
    }
    native.endSession(db, 'middle');
    const ids = (...filter: [(string | null)?, (string | null)?, (number | null)?]) =>
      native.listSessions(db, ...filter).map(({ id }) => id);
    expect(ids()).toEqual(['new', 'middle', 'old', 'empty']);
    expect(ids(projectId)).toEqual(['old']);
    expect(ids(null, 'completed')).toEqual(['middle']);
    expect(ids(null, 'active')).toEqual(['new', 'old', 'empty']);
    expect(ids(null, null, 2)).toEqual(['new', 'middle']);
    expect(ids(null, null, 0)).toEqual([]);
    expect(ids('nobody')).toEqual([]);
  });

  it('is listed with at most 100 others unless told', () => {
    for (let number = 0; number < 105; number += 1) native.upsertSession(db, { id: `s${number}` });
    expect(native.listSessions(db)).toHaveLength(100);
    expect(native.listSessions(db, null, null, 1000)).toHaveLength(105);
  });

  it('without a transcript has 0 as its last line', () => {
    native.upsertSession(db, { id: 's' });
    expect([native.getLastIndexedLine(db, 's'), native.getLastIndexedLine(db, 'nobody')]).toEqual([0, 0]);
  });
});

/** The least that a message has. */
function message(id: string): native.MessageInput {
  return { id, messageType: 'user', timestamp: '2026-01-01T00:00:00Z', lineNumber: 0 };
}

describe('a message', () => {
  const whole = {
    id: 'm',
    agentId: 'a1',
    parentId: 'toolu_1',
    messageType: 'assistant',
    role: 'assistant',
    content: 'hello',
    toolName: 'Bash',
    toolInput: '{"command":"ls"}',
    toolResult: 'ok',
    rawJson: '{"type":"assistant"}',
    timestamp: '2026-01-01T00:00:00.250Z',
    lineNumber: 7,
    sourceFileName: 'a.jsonl',
    sourceFileType: 'main',
    sentimentScore: -1.5,
    sentimentLevel: 'negative',
    frustrationScore: 2.25,
    frustrationLevel: 'low',
    inputTokens: 1,
    outputTokens: 2,
    cacheReadTokens: 3,
    cacheCreationTokens: 4,
    linesAdded: 5,
    linesRemoved: 6,
    filesChanged: 7,
  };

  beforeEach(() => {
    native.upsertSession(db, { id: 's' });
  });

  it('has exactly the fields that have a value', () => {
    expect(native.insertMessagesBatch(db, 's', [message('least')])).toBe(1);
    expect(native.getMessage(db, 'least')).toStrictEqual({
      id: 'least',
      sessionId: 's',
      messageType: 'user',
      timestamp: '2026-01-01T00:00:00.000Z',
      lineNumber: 0,
      indexedAt: time,
    });
    native.insertMessagesBatch(db, 's', [whole]);
    expect(native.getMessage(db, 'm')).toStrictEqual({
      ...whole,
      sessionId: 's',
      speaker: 'assistant',
      indexedAt: time,
    });
    expect(native.getMessage(db, 'nobody')).toBeNull();
  });

  it('stands in the session of the call, whatever it says itself', () => {
    native.upsertSession(db, { id: 'other' });
    native.insertMessagesBatch(db, 's', [{ ...message('m'), sessionId: 'other' }]);
    expect(native.getMessage(db, 'm')?.sessionId).toBe('s');
    expect(native.listSessionMessages(db, 'other')).toEqual([]);
  });

  it('that is known keeps what is not given, and role, input, result, time and line in any case', () => {
    native.insertMessagesBatch(db, 's', [whole]);
    const least = {
      ...message('m'),
      messageType: 'system',
      timestamp: '2027-01-01T00:00:00Z',
      lineNumber: 99,
    };
    expect(native.insertMessagesBatch(db, 's', [least])).toBe(1);
    const { toolName: _, ...kept } = whole;
    expect(native.getMessage(db, 'm')).toStrictEqual({
      ...kept,
      messageType: 'system',
      sessionId: 's',
      speaker: 'assistant',
      indexedAt: time,
    });

    const given = {
      ...least,
      agentId: 'a2',
      parentId: 'p2',
      content: 'goodbye',
      toolName: 'Edit',
      rawJson: '{}',
      sourceFileName: 'b.jsonl',
      sourceFileType: 'agent',
      sentimentScore: 1,
      sentimentLevel: 'positive',
      frustrationScore: 0,
      frustrationLevel: 'high',
      inputTokens: 10,
      outputTokens: 20,
      cacheReadTokens: 30,
      cacheCreationTokens: 40,
      linesAdded: 50,
      linesRemoved: 60,
      filesChanged: 70,
    };
    native.insertMessagesBatch(db, 's', [{ ...given, role: 'user', toolInput: 'x', toolResult: 'x' }]);
    expect(native.getMessage(db, 'm')).toStrictEqual({
      ...given,
      sessionId: 's',
      speaker: 'assistant',
      indexedAt: time,
      role: whole.role,
      toolInput: whole.toolInput,
      toolResult: whole.toolResult,
      timestamp: whole.timestamp,
      lineNumber: whole.lineNumber,
    });
  });

  it('is found by what it says now, not by what it said', () => {
    native.insertMessagesBatch(db, 's', [{ ...message('m'), content: 'harbour' }]);
    native.insertMessagesBatch(db, 's', [{ ...message('m'), content: 'lighthouse' }]);
    expect(native.searchMessages(db, 'harbour')).toEqual([]);
    expect(native.searchMessages(db, 'lighthouse').map(({ id }) => id)).toEqual(['m']);
  });

  it('comes with others all or none', () => {
    const bad = [message('1'), message('2'), { ...message('3'), timestamp: 'yesterday' }];
    expect(thrownBy(() => native.insertMessagesBatch(db, 's', bad))).toMatchObject(
      errorOf('INVALID_TIMESTAMP', 'yesterday'),
    );
    expect(native.listSessionMessages(db, 's')).toEqual([]);
    expect(native.getMessageCount(db, 's')).toBe(0);
  });

  it('of an unknown session is DB_CONSTRAINT; no message at all is 0', () => {
    expect(thrownBy(() => native.insertMessagesBatch(db, 'nobody', [message('m')]))).toMatchObject(
      errorOf('DB_CONSTRAINT', 'nobody'),
    );
    expect(native.insertMessagesBatch(db, 's', [])).toBe(0);
    expect(native.insertMessagesBatch(db, 'nobody', [])).toBe(0);
  });

  it('is listed newest first, by type, agent, limit and offset', () => {
    const at = (second: number) => ({ timestamp: `2026-01-01T00:00:0${second}Z` });
    native.insertMessagesBatch(db, 's', [
      { ...message('1'), ...at(1) },
      { ...message('3'), ...at(3), messageType: 'assistant', agentId: 'a' },
      { ...message('2'), ...at(2), messageType: 'assistant' },
    ]);
    type Filter = [(string | null)?, (string | null)?, (number | null)?, (number | null)?];
    const ids = (...filter: Filter) => native.listSessionMessages(db, 's', ...filter).map(({ id }) => id);
    expect(ids()).toEqual(['3', '2', '1']);
    expect(ids('assistant')).toEqual(['3', '2']);
    expect(ids('summary')).toEqual([]);
    expect(ids(null, '')).toEqual(['2', '1']);
    expect(ids(null, 'a')).toEqual(['3']);
    expect(ids('user', 'a')).toEqual([]);
    expect(ids(null, null, 2)).toEqual(['3', '2']);
    expect(ids(null, null, 2, 1)).toEqual(['2', '1']);
    expect(ids(null, null, null, 2)).toEqual(['1']);
    expect(ids(null, null, 0)).toEqual([]);
    expect(native.listSessionMessages(db, 'nobody')).toEqual([]);
  });

  it('counts when a user or the assistant wrote it; the span of times counts all', () => {
    native.upsertSession(db, { id: 'empty' });
    native.insertMessagesBatch(db, 's', [
      { ...message('1'), messageType: 'summary', timestamp: '2026-01-01T00:00:00Z' },
      { ...message('2'), timestamp: '2026-01-02T00:00:00Z' },
      { ...message('3'), messageType: 'assistant', timestamp: '2026-01-03T00:00:00+01:00' },
      { ...message('4'), messageType: 'progress', timestamp: '2026-01-04T00:00:00Z' },
    ]);
    expect(native.getMessageCount(db, 's')).toBe(2);
    expect(native.getMessageCount(db, 'nobody')).toBe(0);
    // A second look at the same rows, one of which becomes another type.
    native.insertMessagesBatch(db, 's', [{ ...message('2'), messageType: 'system' }]);
    expect(native.getMessageCount(db, 's')).toBe(1);
    expect(native.getMessage(db, '3')?.timestamp).toBe('2026-01-02T23:00:00.000Z');
    const ids = ['s', 'empty', 'nobody', '__proto__', 's'];
    const counts = native.getMessageCountsBatch(db, ids);
    expect(Object.entries(counts)).toEqual([
      ['s', 1],
      ['empty', 0],
      ['nobody', 0],
      ['__proto__', 0],
    ]);
    const times = native.getSessionTimestampsBatch(db, ids);
    expect(Object.entries(times)).toStrictEqual([
      ['s', { sessionId: 's', startedAt: '2026-01-01T00:00:00.000Z', endedAt: '2026-01-04T00:00:00.000Z' }],
      ['empty', { sessionId: 'empty' }],
      ['nobody', { sessionId: 'nobody' }],
      ['__proto__', { sessionId: '__proto__' }],
    ]);
    expect([native.getMessageCountsBatch(db, []), native.getSessionTimestampsBatch(db, [])]).toEqual([
      {},
      {},
    ]);
  });

  it('is searched newest first, in all sessions or one, 50 unless told', () => {
    native.upsertSession(db, { id: 'other' });
    const found = Array.from({ length: 60 }, (_, index) => ({
      ...message(`m${index}`),
      content: `the retry budget of try ${index}`,
      timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, index)).toISOString(),
    }));
    native.insertMessagesBatch(db, 's', found);
    native.insertMessagesBatch(db, 'other', [{ ...message('o'), content: 'a retry' }]);
    const ids = (query: string, session?: string | null, limit?: number | null) =>
      native.searchMessages(db, query, session, limit).map(({ id }) => id);
    expect(ids('retry')).toEqual(
      found
        .map(({ id }) => id)
        .reverse()
        .slice(0, 50),
    );
    expect(ids('retry', 'other')).toEqual(['o']);
    expect(ids('retry', null, 1000)).toHaveLength(61);
    expect(ids('retry budget', null, 1)).toEqual(['m59']);
    expect(ids('("retry" OR "attempt") "budget"', null, 2)).toEqual(['m59', 'm58']);
    expect(ids('lighthouse')).toEqual([]);
    expect(native.searchMessages(db, 'retry', 'other')).toStrictEqual([native.getMessage(db, 'o')]);
  });
});
