// Many records in one call: all or nothing, in order, with and without blocking.
import { rmSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, newPlace, thrownBy, transcript, write } from './contract/transcripts';

let db: string;
let orchestrationId: string;
beforeEach(() => {
  db = newPlace().dbPath;
  native.upsertSession(db, { id: 's' });
  orchestrationId = native.createOrchestration({ hookType: 'Stop', projectRoot: '/p' }).id;
});

const names = ['c', 'a', 'b'];
const call = native as unknown as Record<string, (...values: unknown[]) => unknown>;

interface Batch {
  /** A good record with this name. */
  input: (name: string) => object;
  /** A record that is refused, and with what. */
  bad: () => object;
  code: string;
  /** The name in what was written. */
  nameOf?: (row: never) => unknown;
  /** How many there are in the database. */
  count: () => number;
}

const change = (filePath: string) => ({ sessionId: 's', filePath, action: 'created' });
const hook = (hookName: string) => ({ plugin: 'lint', hookName, directory: '/p', command: 'run' });
const validation = (filePath: string) => ({
  sessionId: 's',
  filePath,
  fileHash: '1',
  pluginName: 'lint',
  hookName: 'check',
  directory: '/p',
  commandHash: 'c',
});

/** Batches that answer with rows; each has an asynchronous twin. */
const batches: Record<string, Batch> = {
  upsertRepos: {
    input: (name) => ({ remote: name, name }),
    bad: () => ({ remote: 5, name: 'x' }),
    code: 'INVALID_ARGUMENT',
    nameOf: ({ remote }: native.Repo) => remote,
    count: () => native.listRepos(db).length,
  },
  upsertProjects: {
    input: (slug) => ({ slug, path: '/p', name: slug }),
    bad: () => ({ slug: 'x', path: '/p', name: 'x', repoId: 'nobody' }),
    code: 'DB_CONSTRAINT',
    nameOf: ({ slug }: native.Project) => slug,
    count: () => native.listProjects(db).length,
  },
  upsertSessions: {
    input: (id) => ({ id }),
    bad: () => ({ id: 'x', projectId: 'nobody' }),
    code: 'DB_CONSTRAINT',
    nameOf: ({ id }: native.Session) => id,
    count: () => native.listSessions(db).length - 1,
  },
  createTasks: {
    input: (taskId) => ({ taskId, description: 'd', taskType: 'fix' }),
    bad: () => ({ taskId: 'x', description: 'd', taskType: 'fix', sessionId: 'nobody' }),
    code: 'DB_CONSTRAINT',
    nameOf: ({ taskId }: native.Task) => taskId,
    count: () => native.queryTaskMetrics(db).totalTasks,
  },
  recordHookExecutions: {
    input: (hookName) => ({ hookType: 'Stop', hookName, durationMs: 1, exitCode: 0, passed: true }),
    bad: () => ({ hookType: 'Stop', hookName: 'x', durationMs: 1, exitCode: 0 }),
    code: 'INVALID_ARGUMENT',
    nameOf: ({ hookName }: native.HookExecution) => hookName,
    count: () => native.queryHookStats(db).totalExecutions,
  },
  recordFileChanges: {
    input: change,
    bad: () => ({ ...change('x'), sessionId: 'nobody' }),
    code: 'DB_CONSTRAINT',
    nameOf: ({ filePath }: native.SessionFileChange) => filePath,
    count: () => native.getSessionFileChanges(db, 's').length,
  },
  recordFileValidations: {
    input: validation,
    bad: () => ({ ...validation('x'), fileHash: null }),
    code: 'INVALID_ARGUMENT',
    nameOf: ({ filePath }: native.SessionFileValidation) => filePath,
    count: () => native.getAllSessionValidations(db, 's').length,
  },
  queueHooks: {
    input: (name) => ({ orchestrationId, ...hook(name) }),
    bad: () => ({ orchestrationId: 'nobody', ...hook('x') }),
    code: 'DB_CONSTRAINT',
    count: () => native.getQueuedHooks(orchestrationId).length,
  },
  queuePendingHooks: {
    input: (name) => ({ orchestrationId, hookType: 'Stop', ...hook(name) }),
    bad: () => ({ orchestrationId: 'nobody', hookType: 'Stop', ...hook('x') }),
    code: 'DB_CONSTRAINT',
    count: () => native.getPendingHooks().length,
  },
};

const caught = async (work: () => unknown): Promise<unknown> => {
  try {
    return await work();
  } catch (error) {
    return error;
  }
};

describe.each(Object.entries(batches))('%s', (name, { input, bad, code, nameOf, count }) => {
  const functions = [name, `${name}Async`].filter((one) => call[one] !== undefined);

  it.each(functions)('writes all in the order of the input, as %s', async (one) => {
    const rows = (await call[one]?.(db, names.map(input))) as never[];
    expect(rows).toHaveLength(3);
    expect(count()).toBe(3);
    if (nameOf) expect(rows.map(nameOf)).toEqual(names);
    else expect(new Set(rows).size).toBe(3);
    expect(await call[one]?.(db, [])).toEqual([]);
  });

  it.each(functions)('writes nothing where one is refused, as %s', async (one) => {
    const inputs = [...names.map(input), bad()];
    expect(await caught(() => call[one]?.(db, inputs))).toMatchObject(errorOf(code));
    expect(count()).toBe(0);
  });

  it('has an asynchronous twin where many rows come back', () => {
    expect(functions).toHaveLength(nameOf ? 2 : 1);
  });
});

describe('many rows by their ids', () => {
  it('come in the order of the ids, null where there is none, and more than once where asked', async () => {
    native.upsertSessions(db, [{ id: 'a' }, { id: 'b', slug: 'slug' }]);
    const ids = ['b', 'nobody', 'a', 'b'];
    const sessions = native.getSessionsBatch(db, ids);
    expect(sessions).toStrictEqual(ids.map((id) => native.getSession(db, id)));
    expect(sessions.map((session) => session?.id ?? null)).toEqual(['b', null, 'a', 'b']);
    expect(await native.getSessionsBatchAsync(db, ids)).toStrictEqual(sessions);

    native.createTasks(
      db,
      names.map((taskId) => ({ taskId, description: 'd', taskType: 'fix' })),
    );
    const tasks = native.getTasksBatch(db, ids);
    expect(tasks.map((task) => task?.taskId ?? null)).toEqual(['b', null, 'a', 'b']);
    expect(await native.getTasksBatchAsync(db, ids)).toStrictEqual(tasks);

    const place = newPlace();
    const { sessionId } = native.indexSessionFile(db, write(place.file(), transcript(3)));
    const messages = native.listSessionMessages(db, sessionId);
    const messageIds = messages.map(({ id }) => id);
    expect(native.getMessagesBatch(db, [...messageIds, 'nobody'])).toStrictEqual([...messages, null]);
    expect(await native.getMessagesBatchAsync(db, messageIds)).toStrictEqual(messages);
  });

  it('may be 50,000', async () => {
    const ids = Array.from({ length: 50_000 }, (_, number) => (number % 2 === 0 ? 's' : `no ${number}`));
    const sessions = await native.getSessionsBatchAsync(db, ids);
    expect(sessions).toHaveLength(50_000);
    expect(sessions.filter((session) => session === null)).toHaveLength(25_000);
  });

  it('are texts', () => {
    for (const ids of [null, 'text', [5], [null]]) {
      expect(thrownBy(() => native.getSessionsBatch(db, ids as never))).toMatchObject(
        errorOf('INVALID_ARGUMENT'),
      );
    }
  });
});

describe('resetAllSessionsForReindex', () => {
  it('has the next scan read every file anew, without rows going or coming twice', () => {
    const place = newPlace();
    const file = write(place.file(), transcript(3));
    const gone = write(place.file(2), transcript(2, 2));
    native.indexSessionFile(db, file);
    const { sessionId } = native.indexSessionFile(db, gone);
    expect(native.indexSessionFile(db, file)).toMatchObject({ messagesIndexed: 0 });
    rmSync(gone);
    expect(native.resetAllSessionsForReindex(db)).toBe(3);
    expect(native.resetAllSessionsForReindex(db)).toBe(3);
    expect(native.getMessageCount(db, sessionId)).toBe(2);
    expect(native.indexSessionFile(db, file)).toMatchObject({ messagesIndexed: 3, totalMessages: 3 });
    expect(native.indexSessionFile(db, file)).toMatchObject({ messagesIndexed: 0, totalMessages: 3 });
    expect(native.getMessageCount(db, sessionId)).toBe(2);
    expect(native.resetAllSessionsForReindex(newPlace().dbPath)).toBe(0);
  });
});
