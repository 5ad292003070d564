// Lists in pages through the addon: that each function reaches the list it is named after. How pages behave while rows
// come and go is tested in the crate.
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, newPlace, thrownBy } from './contract/transcripts';

interface Page {
  items: unknown[];
  nextCursor?: string;
  hasMore: boolean;
}

let db: string;
let orchestrationId: string;
beforeEach(() => {
  db = newPlace().dbPath;
  native.upsertSession(db, { id: 's' });
  orchestrationId = native.createOrchestration({ hookType: 'Stop', projectRoot: '/p' }).id;
  for (const name of ['b', 'c', 'a']) {
    const { id } = native.upsertRepo(db, { remote: name, name });
    native.upsertProject(db, { slug: name, path: '/p', name, repoId: id });
    native.upsertProject(db, { slug: `${name}2`, path: '/p', name });
    native.registerConfigDir(db, { path: name });
    const hook = { plugin: 'lint', hookName: name, directory: '/p', command: 'run' };
    native.queueHook({ orchestrationId, ...hook });
    native.queuePendingHook({ orchestrationId, sessionId: 's', hookType: 'Stop', ...hook });
    native.enqueueAsyncHook(db, { sessionId: 's', cwd: '/p', filePaths: [], ...hook });
    native.recordFileChange(db, { sessionId: 's', filePath: name, action: 'created', fileHashAfter: '1' });
    for (const hookName of ['check', 'other']) {
      native.recordFileValidation(db, {
        sessionId: 's',
        filePath: name,
        fileHash: '1',
        pluginName: 'lint',
        hookName,
        directory: '/p',
        commandHash: 'c',
      });
    }
  }
});

const check = ['lint', 'check', '/p'] as const;
const lists: Record<string, [list: () => unknown[], page: (options: native.PageOptions) => Page]> = {
  listReposPage: [() => native.listRepos(db), (options) => native.listReposPage(db, options)],
  listProjectsPage: [() => native.listProjects(db), (options) => native.listProjectsPage(db, options)],
  listConfigDirsPage: [() => native.listConfigDirs(db), (options) => native.listConfigDirsPage(db, options)],
  listQueuedHooksPage: [
    () => native.getQueuedHooks(orchestrationId),
    (options) => native.listQueuedHooksPage(db, orchestrationId, options),
  ],
  'listHookExecutionsPage of an orchestration': [
    () => native.getOrchestrationHooks(orchestrationId),
    (options) => native.listHookExecutionsPage(db, { ...options, orchestrationId, oldestFirst: true }),
  ],
  'listHookExecutionsPage of those that wait': [
    () => native.getPendingHooks(),
    (options) => native.listHookExecutionsPage(db, { ...options, only: 'pending', oldestFirst: true }),
  ],
  'listHookExecutionsPage of a session': [
    () => native.getSessionPendingHooks('s'),
    (options) =>
      native.listHookExecutionsPage(db, {
        ...options,
        sessionId: 's',
        only: 'unfinished',
        oldestFirst: true,
      }),
  ],
  'listHookExecutionsPage, the last first': [
    () => native.getPendingHooks().reverse(),
    (options) => native.listHookExecutionsPage(db, options),
  ],
  listPendingAsyncHooksPage: [
    () => native.listPendingAsyncHooks(db, 's'),
    (options) => native.listPendingAsyncHooksPage(db, 's', options),
  ],
  listAllSessionValidationsPage: [
    () => native.getAllSessionValidations(db, 's').sort(byFileAndHook),
    (options) => native.listAllSessionValidationsPage(db, 's', options),
  ],
  listSessionValidationsPage: [
    () => native.getSessionValidations(db, 's', ...check).sort(byFileAndHook),
    (options) => native.listSessionValidationsPage(db, 's', ...check, options),
  ],
  listFilesForValidationPage: [
    () => native.getFilesForValidation(db, 's', ...check),
    (options) => native.listFilesForValidationPage(db, 's', ...check, options),
  ],
  listSessionsWithoutSummariesPage: [
    () => {
      native.upsertSessions(db, [{ id: 't' }, { id: 'u' }]);
      return native.listSessionsWithoutSummaries(db);
    },
    (options) => native.listSessionsWithoutSummariesPage(db, options),
  ],
};

const textOf = ({ filePath, hookName }: native.SessionFileValidation) => `${filePath} ${hookName}`;
const byFileAndHook = (a: native.SessionFileValidation, b: native.SessionFileValidation) =>
  textOf(a) < textOf(b) ? -1 : 1;

describe.each(Object.entries(lists))('%s', (_, [list, page]) => {
  it('has the rows of the list, in its order', () => {
    const all = list();
    expect(all.length).toBeGreaterThanOrEqual(3);
    const first = page({ limit: 2 });
    expect(first).toStrictEqual({ items: all.slice(0, 2), nextCursor: expect.any(String), hasMore: true });
    const rest = page({ cursor: `${first.nextCursor}` });
    expect(rest).toStrictEqual({ items: all.slice(2), hasMore: false });
  });

  it('takes pages of 1 to 1000 rows, and its own cursors only', () => {
    for (const limit of [0, 1001]) {
      expect(thrownBy(() => page({ limit }))).toMatchObject(errorOf('INVALID_ARGUMENT', 'limit'));
    }
    expect(thrownBy(() => page({ cursor: 'z' }))).toMatchObject(errorOf('INVALID_CURSOR'));
  });
});

describe('lists that are empty', () => {
  it('have one empty page', () => {
    const empty = { items: [], hasMore: false };
    expect(native.listNativeTasksPage(db, 's')).toStrictEqual(empty);
    expect(native.listBrokenLinesPage(db)).toStrictEqual(empty);
    expect(native.listProjectsPage(db, { repoId: 'nobody' })).toStrictEqual(empty);
    expect(native.listQueuedHooksPage(db, 'nobody')).toStrictEqual(empty);
    expect(native.listFilesForValidationPage(db, 'nobody', ...check)).toStrictEqual(empty);
  });
});
