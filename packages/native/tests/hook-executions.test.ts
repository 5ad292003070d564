// Runs of hooks through the addon: shapes, those that wait, how they end, pages and figures.
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, newPlace, thrownBy } from './contract/transcripts';

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

let db: string;
beforeEach(() => {
  db = newPlace().dbPath;
  native.dbInit(db);
});

const run = { hookType: 'Stop', hookName: 'check', durationMs: 12, exitCode: 1, passed: false };

function queue(hookName: string, sessionId?: string): string {
  const { id: orchestrationId } = native.createOrchestration({ hookType: 'Stop', projectRoot: '/p' });
  return native.queuePendingHook({
    orchestrationId,
    sessionId,
    hookType: 'Stop',
    hookName,
    plugin: 'lint',
    directory: '/p',
    command: 'run',
  });
}

const pendingNames = () => native.getPendingHooks().map(({ hookName }) => hookName);

describe('a run of a hook', () => {
  it('has exactly the fields that have a value, and makes its session', () => {
    const least = { id: expect.any(String), executedAt: time, status: 'completed' };
    const counts = { consecutiveFailures: 0, maxAttempts: 3 };
    expect(native.recordHookExecution(db, run)).toStrictEqual({ ...run, ...least, ...counts });
    const whole = {
      ...run,
      sessionId: 'new',
      taskId: 't',
      hookSource: 'lint',
      directory: '/p',
      output: 'o',
      error: 'e',
      ifChanged: '[]',
      command: 'c',
    };
    expect(native.recordHookExecution(db, whole)).toStrictEqual({ ...whole, ...least, ...counts });
    expect(native.getSession(db, 'new')).toMatchObject({ status: 'active' });
  });

  it('that waits is pending until it ends', () => {
    const [first, second, third] = [queue('c', 's'), queue('b', 's'), queue('a')];
    expect(native.getPendingHooks()[0]).toStrictEqual({
      id: first,
      orchestrationId: expect.any(String),
      sessionId: 's',
      hookType: 'Stop',
      hookName: 'c',
      hookSource: 'lint',
      directory: '/p',
      durationMs: 0,
      exitCode: 0,
      passed: false,
      command: 'run',
      executedAt: time,
      status: 'pending',
      consecutiveFailures: 0,
      maxAttempts: 3,
    });
    expect(pendingNames()).toEqual(['c', 'b', 'a']);
    native.updateHookStatus(first, 'running');
    native.failHookExecution(second, 'broken');
    expect(pendingNames()).toEqual(['a']);
    expect(native.getSessionPendingHooks('s')).toMatchObject([
      { id: first, status: 'running' },
      { id: second, status: 'failed', error: 'broken', exitCode: 0, passed: false },
    ]);
    native.completeHookExecution(first, true, 'out', undefined, 5);
    native.completeHookExecution(third, false, null, 'err', 6);
    expect(native.getSessionPendingHooks('s').map(({ id }) => id)).toEqual([second]);
    expect(native.listHookExecutionsPage(db).items).toMatchObject([
      { id: third, status: 'failed', exitCode: 1, passed: false, error: 'err', durationMs: 6 },
      { id: second },
      { id: first, status: 'completed', exitCode: 0, passed: true, output: 'out', durationMs: 5 },
    ]);
  });

  it('that is unknown is no error', () => {
    native.updateHookStatus('nobody', 'running');
    native.failHookExecution('nobody', 'e');
    native.completeHookExecution('nobody', true, null, null, 0);
    expect(native.getPendingHooks()).toEqual([]);
  });

  it('takes no time that is no whole number', () => {
    for (const duration of [-1, 0.5, Number.NaN]) {
      expect(thrownBy(() => native.completeHookExecution('x', true, null, null, duration))).toMatchObject(
        errorOf('INVALID_ARGUMENT', 'durationMs'),
      );
    }
  });

  it('of an unknown orchestration is DB_CONSTRAINT', () => {
    const input = {
      orchestrationId: 'nobody',
      hookType: '',
      hookName: '',
      plugin: '',
      directory: '',
      command: '',
    };
    expect(thrownBy(() => native.queuePendingHook(input))).toMatchObject(errorOf('DB_CONSTRAINT', 'nobody'));
  });
});

describe('a page of runs', () => {
  it('leads to the next, each run once, the last first', () => {
    for (let number = 0; number < 5; number += 1) {
      native.recordHookExecution(db, {
        ...run,
        hookName: `${number}`,
        sessionId: number % 2 === 0 ? 's' : null,
      });
    }
    const walk = (options: native.HookExecutionPageOptions) => {
      const seen: string[] = [];
      let page = native.listHookExecutionsPage(db, options);
      for (;;) {
        seen.push(...page.items.map(({ hookName }) => hookName));
        if (page.nextCursor === undefined) return seen;
        page = native.listHookExecutionsPage(db, { ...options, cursor: page.nextCursor });
      }
    };
    expect(walk({ limit: 2 })).toEqual(['4', '3', '2', '1', '0']);
    expect(walk({ limit: 2, sessionId: 's' })).toEqual(['4', '2', '0']);
    expect(thrownBy(() => native.listHookExecutionsPage(db, { cursor: 'x' }))).toMatchObject(
      errorOf('INVALID_CURSOR'),
    );
  });
});

describe('stats', () => {
  it('of nothing are zeros', () => {
    expect(native.queryHookStats(db)).toStrictEqual({
      totalExecutions: 0,
      totalPassed: 0,
      totalFailed: 0,
      passRate: 0,
      uniqueHooks: 0,
      byHookType: '{}',
    });
  });

  it('count the runs of a period', () => {
    native.recordHookExecution(db, { ...run, passed: true });
    native.recordHookExecution(db, { ...run, hookType: 'Start' });
    expect(native.queryHookStats(db, 'day')).toStrictEqual({
      totalExecutions: 2,
      totalPassed: 1,
      totalFailed: 1,
      passRate: 0.5,
      uniqueHooks: 1,
      byHookType: '{"Start":1,"Stop":1}',
    });
  });
});
