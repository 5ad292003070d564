import { describe, expect, it } from 'vitest';
import { todoItems } from '../src/index.js';
import { newClient } from './archive.js';

const names = ['c', 'a', 'b'];
const hook = { plugin: 'lint', hookName: 'check', directory: '/p', command: 'run' };

async function collected<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

describe('many records in one call', () => {
  it('are written in the order they are given, with and without blocking', async () => {
    const client = newClient();
    const sessions = await client.sessions.upsertMany([{ id: 's' }, { id: 'a' }]);
    expect(sessions.map(({ id }) => id)).toEqual(['s', 'a']);
    expect(client.sessions.upsertManySync([{ id: 'b' }])).toMatchObject([{ id: 'b' }]);
    expect(await client.sessions.getMany(['b', 'nobody'])).toMatchObject([{ id: 'b' }, null]);

    const repos = names.map((name) => ({ remote: name, name }));
    expect(await client.repos.upsertMany(repos)).toMatchObject(repos);
    expect(client.repos.upsertManySync(repos)).toMatchObject(repos);
    const projects = names.map((name) => ({ slug: name, path: '/p', name }));
    expect(await client.projects.upsertMany(projects)).toMatchObject(projects);
    expect(client.projects.upsertManySync(projects)).toMatchObject(projects);

    const tasks = names.map((taskId) => ({ taskId, description: 'd', taskType: 'fix' }));
    expect(await client.tasks.createMany(tasks)).toMatchObject(tasks);
    expect(client.tasks.createManySync([{ taskId: 'd', description: 'd', taskType: 'fix' }])).toHaveLength(1);
    expect(await client.tasks.getMany(['b', 'x'])).toMatchObject([{ taskId: 'b' }, null]);
    expect(client.tasks.getManySync(['b', 'x'])).toMatchObject([{ taskId: 'b' }, null]);

    const changes = names.map((filePath) => ({ sessionId: 's', filePath, action: 'created' }));
    expect(await client.fileChanges.recordMany(changes)).toMatchObject(changes);
    expect(client.fileChanges.recordManySync(changes)).toMatchObject(changes);
    const runs = names.map((hookName) => ({
      hookType: 'Stop',
      hookName,
      durationMs: 1,
      exitCode: 0,
      passed: true,
    }));
    expect(await client.hookExecutions.recordMany(runs)).toMatchObject(runs);
    expect(client.hookExecutions.recordManySync(runs)).toMatchObject(runs);
    expect(await client.messages.getMany(['nobody'])).toEqual([null]);
    expect(client.messages.getManySync(['nobody'])).toEqual([null]);
  });

  it('are all refused where one is', async () => {
    const client = newClient();
    client.sessions.upsert({ id: 's' });
    const changes = ['s', 'nobody'].map((sessionId) => ({ sessionId, filePath: '/a', action: 'created' }));
    await expect(client.fileChanges.recordMany(changes)).rejects.toMatchObject({ code: 'DB_CONSTRAINT' });
    expect(() => client.fileChanges.recordManySync(changes)).toThrow(
      expect.objectContaining({ code: 'DB_CONSTRAINT' }),
    );
    expect(client.fileChanges.any('s')).toBe(false);
  });
});

describe('pages and walks', () => {
  it('of repos, projects and config dirs', async () => {
    const client = newClient();
    client.repos.upsertManySync(names.map((name) => ({ remote: name, name })));
    client.projects.upsertManySync(names.map((name) => ({ slug: name, path: '/p', name })));
    for (const path of names) client.configDirs.register({ path });
    expect(client.repos.page({ limit: 2 })).toMatchObject({
      items: [{ name: 'a' }, { name: 'b' }],
      hasMore: true,
    });
    expect(await collected(client.repos.all(2))).toEqual(client.repos.list());
    expect(client.projects.page({ limit: 2 })).toMatchObject({ hasMore: true });
    expect(await collected(client.projects.all({ pageSize: 2 }))).toEqual(client.projects.list());
    expect(await collected(client.projects.all({ repoId: 'nobody' }))).toEqual([]);
    expect(client.configDirs.page({ limit: 2 })).toMatchObject({ hasMore: true });
    expect(await collected(client.configDirs.all(2))).toEqual(client.configDirs.list());
  });

  it('of hooks', async () => {
    const client = newClient();
    client.sessions.upsert({ id: 's' });
    const { id: orchestrationId } = client.orchestrations.create({ hookType: 'Stop', projectRoot: '/p' });
    const hooks = names.map((hookName) => ({ orchestrationId, ...hook, hookName }));
    expect(client.queuedHooks.addMany(hooks)).toHaveLength(3);
    client.hookExecutions.queueMany(hooks.map((one) => ({ ...one, hookType: 'Stop', sessionId: 's' })));
    for (const one of hooks) client.asyncHooks.enqueue({ sessionId: 's', cwd: '/p', filePaths: [], ...one });
    expect(client.queuedHooks.page(orchestrationId, { limit: 2 })).toMatchObject({ hasMore: true });
    expect(await collected(client.queuedHooks.of(orchestrationId, 2))).toEqual(
      client.queuedHooks.list(orchestrationId),
    );
    expect(client.asyncHooks.pendingPage('s', { limit: 2 })).toMatchObject({ hasMore: true });
    expect(await collected(client.asyncHooks.allPending('s', 2))).toEqual(client.asyncHooks.pending('s'));
    const waiting = { only: 'pending', oldestFirst: true, pageSize: 2 } as const;
    expect(await collected(client.hookExecutions.all(waiting))).toEqual(client.hookExecutions.pending());
    expect(await collected(client.hookExecutions.all({ orchestrationId, oldestFirst: true }))).toEqual(
      client.orchestrations.hooks(orchestrationId),
    );
  });

  it('of validations, tasks of agents and sessions without summaries', async () => {
    const client = newClient();
    const of = { sessionId: 's', pluginName: 'lint', hookName: 'check', directory: '/p' };
    const validations = ['a', 'b', 'c'].map((filePath) => ({
      ...of,
      filePath,
      fileHash: '1',
      commandHash: 'c',
    }));
    expect(await client.fileValidations.recordMany(validations)).toMatchObject(validations);
    expect(client.fileValidations.recordManySync(validations)).toMatchObject(validations);
    client.fileChanges.recordManySync(
      names.map((filePath) => ({ sessionId: 's', filePath, action: 'created', fileHashAfter: '1' })),
    );
    expect(client.fileValidations.page(of, { limit: 2 })).toMatchObject({ hasMore: true });
    expect(await collected(client.fileValidations.all(of, 2))).toMatchObject(validations);
    expect(client.fileValidations.sessionPage('s', { limit: 2 })).toMatchObject({ hasMore: true });
    expect(await collected(client.fileValidations.allOfSession('s', 2))).toMatchObject(validations);
    expect(client.fileValidations.statusesPage(of, { limit: 2 })).toMatchObject({ hasMore: true });
    expect(await collected(client.fileValidations.allStatuses(of, 2))).toEqual(
      client.fileValidations.statuses(of),
    );
    expect(client.nativeTasks.page('s')).toEqual({ items: [], hasMore: false });
    expect(await collected(client.nativeTasks.of('s'))).toEqual([]);
    client.sessions.upsertManySync(names.map((id) => ({ id })));
    expect(client.generatedSummaries.missingPage({ limit: 2 })).toMatchObject({ hasMore: true });
    expect(await collected(client.generatedSummaries.allMissing(2))).toEqual(
      client.generatedSummaries.missing(),
    );
  });
});

describe('todos', () => {
  it('are read from the list of a session', () => {
    const client = newClient();
    client.sessions.upsert({ id: 's' });
    expect(client.sessionTodos.items('s')).toEqual([]);
    const todos = [
      { content: 'Write tests', status: 'completed', activeForm: 'Writing tests' },
      { content: 'Run them', status: 'pending', activeForm: 'Running them' },
    ];
    client.sessionTodos.upsert({
      sessionId: 's',
      messageId: 'm',
      todosJson: JSON.stringify(todos),
      timestamp: '2026-11-20T12:00:00Z',
      lineNumber: 0,
    });
    expect(client.sessionTodos.items('s')).toEqual(todos);
  });

  it.each([
    ['', []],
    ['[{"content":"a"', []],
    ['null', []],
    ['{"content":"a"}', []],
    ['[1,null,"a",{},{"content":5},[{"content":"b"}]]', []],
    ['[{"content":"a"}]', [{ content: 'a', status: 'pending', activeForm: 'a' }]],
    [
      '[{"content":"a","status":7,"activeForm":null,"more":1},{"status":"done"}]',
      [{ content: 'a', status: 'pending', activeForm: 'a' }],
    ],
  ])('of damaged text %j are what can be read of it', (json, items) => {
    expect(todoItems(json)).toEqual(items);
  });
});
