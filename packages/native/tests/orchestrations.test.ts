// Orchestrations through the addon: shapes, what a new one cancels, and which database is meant.
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, newPlace, thrownBy } from './contract/transcripts';

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** A database that calls without a path mean, since it was used last. */
let db: string;
beforeEach(() => {
  db = newPlace().dbPath;
  native.upsertSession(db, { id: 's' });
});

const input = { hookType: 'Stop', projectRoot: '/p' };
const pending = (orchestrationId: string, hookName: string) => ({
  orchestrationId,
  hookType: 'Stop',
  hookName,
  plugin: 'lint',
  directory: '/p',
  command: 'run',
});

describe('an orchestration', () => {
  it('has exactly the fields that have a value', () => {
    const made = native.createOrchestration({ ...input, sessionId: 's' });
    expect(made).toStrictEqual({
      ...input,
      id: expect.any(String),
      sessionId: 's',
      status: 'running',
      totalHooks: 0,
      completedHooks: 0,
      failedHooks: 0,
      deferredHooks: 0,
      createdAt: time,
    });
    expect(native.getOrchestration(made.id)).toStrictEqual(made);
    expect(native.getOrchestration('nobody')).toBeNull();
    native.updateOrchestration({ id: made.id, status: 'failed', totalHooks: 4, failedHooks: 1 });
    const ended = { ...made, status: 'failed', totalHooks: 4, failedHooks: 1, completedAt: time };
    expect(native.getOrchestration(made.id)).toStrictEqual(ended);
    native.updateOrchestration({ id: made.id });
    native.updateOrchestration({ id: 'nobody', status: 'failed' });
    native.cancelOrchestration(made.id);
    expect(native.getOrchestration(made.id)).toStrictEqual(ended);
  });

  it('cancels the one that runs for its session, with its hooks', () => {
    const first = native.createOrchestration({ ...input, sessionId: 's' });
    native.queuePendingHook(pending(first.id, 'waits'));
    const done = native.queuePendingHook(pending(first.id, 'done'));
    native.completeHookExecution(done, true, null, null, 5);
    native.createOrchestration({ ...input, sessionId: 's' });
    expect(native.getOrchestration(first.id)).toMatchObject({ status: 'cancelled', completedAt: time });
    expect(native.getOrchestrationHooks(first.id).map(({ hookName, status }) => [hookName, status])).toEqual([
      ['waits', 'cancelled'],
      ['done', 'completed'],
    ]);
  });

  it('of an unknown session is DB_CONSTRAINT', () => {
    expect(thrownBy(() => native.createOrchestration({ ...input, sessionId: 'nobody' }))).toMatchObject(
      errorOf('DB_CONSTRAINT', 'nobody'),
    );
  });

  it('is in the database of withDatabase, else in the han.db that was used last', () => {
    const { folder } = newPlace();
    const other = `${folder}/other.db`;
    const here = native.createOrchestration(input);
    const there = native.withDatabase(other, () => native.createOrchestration(input));
    expect(native.getOrchestration(here.id)).toStrictEqual(here);
    expect(native.withDatabase(other, () => native.getOrchestration(here.id))).toBeNull();
    expect(native.getOrchestration(there.id)).toBeNull();
    expect(native.withDatabase(other, () => native.getOrchestration(there.id))).toStrictEqual(there);
  });
});
