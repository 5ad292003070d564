// The queue of an orchestration through the addon: order, counts, and one taker for each hook.
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, newPlace, thrownBy } from './contract/transcripts';

let db: string;
let orchestrationId: string;
beforeEach(() => {
  db = newPlace().dbPath;
  native.dbInit(db);
  orchestrationId = native.createOrchestration({ hookType: 'Stop', projectRoot: '/p' }).id;
});

const hook = (hookName: string) => ({
  orchestrationId,
  plugin: 'lint',
  hookName,
  directory: '/p',
  command: 'run',
});

describe('a queue of hooks', () => {
  it('is in order of arrival, with exactly the fields that have a value', () => {
    const ids = ['b', 'c', 'a'].map((name) => native.queueHook(hook(name)));
    native.queueHook({ ...hook('d'), ifChanged: '["**"]' });
    const queue = native.getQueuedHooks(orchestrationId);
    expect(queue[0]).toStrictEqual({ ...hook('b'), id: ids[0], queuedAt: expect.stringMatching(/Z$/) });
    expect(queue.map(({ hookName }) => hookName)).toEqual(['b', 'c', 'a', 'd']);
    expect(queue[3]?.ifChanged).toBe('["**"]');
    expect(native.getQueuedHooks('nobody')).toEqual([]);
  });

  it('is emptied once, whether drained or deleted', () => {
    native.queueHook(hook('a'));
    native.queueHook(hook('b'));
    expect(native.drainQueuedHooks(db, orchestrationId).map(({ hookName }) => hookName)).toEqual(['a', 'b']);
    expect(native.drainQueuedHooks(db, orchestrationId)).toEqual([]);
    native.queueHook(hook('c'));
    expect([
      native.deleteQueuedHooks(orchestrationId),
      native.deleteQueuedHooks(orchestrationId),
      native.deleteQueuedHooks('nobody'),
    ]).toEqual([1, 0, 0]);
  });

  it('of an unknown orchestration is DB_CONSTRAINT', () => {
    expect(thrownBy(() => native.queueHook({ ...hook('a'), orchestrationId: 'nobody' }))).toMatchObject(
      errorOf('DB_CONSTRAINT', 'nobody'),
    );
  });
});
