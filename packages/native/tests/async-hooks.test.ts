// Hooks beside sessions through the addon: one that waits, order, and processes that drain at once.
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, newPlace, thrownBy } from './contract/transcripts';
import { root, run } from './processes';

let db: string;
beforeEach(() => {
  db = newPlace().dbPath;
  native.upsertSession(db, { id: 's' });
});

const hook = (hookName: string, filePaths: string[] = []) => ({
  sessionId: 's',
  cwd: '/p',
  plugin: 'lint',
  hookName,
  filePaths,
  command: 'run',
});

describe('an asynchronous hook', () => {
  it('waits once, with the files of those before it', () => {
    native.enqueueAsyncHook(db, hook('check', ['a', 'b']));
    const id = native.enqueueAsyncHook(db, hook('check', ['c', 'a']));
    expect(native.listPendingAsyncHooks(db, 's')).toStrictEqual([
      {
        ...hook('check', ['a', 'b', 'c']),
        id,
        status: 'pending',
        createdAt: expect.stringMatching(/Z$/),
      },
    ]);
    expect(native.isAsyncHookQueueEmpty(db, 's')).toBe(false);
    expect(native.cancelPendingAsyncHooks(db, 's', '/p', 'lint', 'check')).toEqual(['a', 'b', 'c']);
    expect(native.cancelPendingAsyncHooks(db, 's', '/p', 'lint', 'check')).toEqual([]);
    expect(native.isAsyncHookQueueEmpty(db, 's')).toBe(true);
  });

  it('is drained in order of arrival, runs, and ends', () => {
    const ids = ['c', 'a', 'b'].map((name) => native.enqueueAsyncHook(db, hook(name)));
    const drained = native.drainAsyncHookQueue(db, 's');
    expect(drained.map(({ id, status }) => [id, status])).toEqual(ids.map((id) => [id, 'pending']));
    expect(native.drainAsyncHookQueue(db, 's')).toEqual([]);
    expect(native.isAsyncHookQueueEmpty(db, 's')).toBe(false);
    native.completeAsyncHook(db, ids[0] as string, true, 'fine');
    native.completeAsyncHook(db, ids[1] as string, false, null, 'broken');
    expect(native.clearAsyncHookQueueForSession(db, 's')).toBe(1);
    expect(native.isAsyncHookQueueEmpty(db, 's')).toBe(true);
    native.completeAsyncHook(db, 'nobody', true);
    native.cancelAsyncHook(db, 'nobody');
    native.cancelAsyncHook(db, native.enqueueAsyncHook(db, hook('d')));
    expect(native.listPendingAsyncHooks(db, 's')).toEqual([]);
  });

  it('of an unknown session is DB_CONSTRAINT', () => {
    const input = { ...hook('check'), sessionId: 'nobody' };
    expect(thrownBy(() => native.enqueueAsyncHook(db, input))).toMatchObject(
      errorOf('DB_CONSTRAINT', 'nobody'),
    );
    expect(native.listPendingAsyncHooks(db, 'nobody')).toEqual([]);
    expect(native.isAsyncHookQueueEmpty(db, 'nobody')).toBe(true);
    expect(native.drainAsyncHookQueue(db, 'nobody')).toEqual([]);
    expect(native.clearAsyncHookQueueForSession(db, 'nobody')).toBe(0);
  });

  it('is drained by one of two processes', async () => {
    const number = 300;
    // Each enqueues hooks of its own and drains whatever waits, until all hooks of both were taken.
    const code = (name: string) => `
      const native = require(${JSON.stringify(join(root, 'packages/native/index.js'))});
      const db = ${JSON.stringify(db)};
      const taken = [];
      for (let index = 0; index < ${number}; index += 1) {
        native.enqueueAsyncHook(db, { ...${JSON.stringify(hook(''))}, hookName: ${JSON.stringify(name)} + index });
        taken.push(...native.drainAsyncHookQueue(db, 's').map(({ hookName }) => hookName));
      }
      console.log(JSON.stringify(taken));`;
    const ended = await Promise.all(['x', 'y'].map((name) => run(process.execPath, ['--eval', code(name)])));
    for (const { code: exit, stderr } of ended) expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    const taken = ended.flatMap(({ stdout }) => JSON.parse(stdout) as string[]);
    const all = ['x', 'y'].flatMap((name) => Array.from({ length: number }, (_, index) => `${name}${index}`));
    expect(taken.sort()).toEqual(all.sort());
    expect(native.listPendingAsyncHooks(db, 's')).toEqual([]);
  });
});
