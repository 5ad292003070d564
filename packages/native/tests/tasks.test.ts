// Tasks through the addon: shapes, errors, pages and figures.
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, newPlace, thrownBy } from './contract/transcripts';

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

let db: string;
beforeEach(() => {
  db = newPlace().dbPath;
});

const task = (taskId: string) => ({ taskId, description: 'do it', taskType: 'fix' });

describe('a task', () => {
  it('has exactly the fields that have a value', () => {
    const begun = native.createTask(db, task('t'));
    expect(begun).toStrictEqual({ ...task('t'), id: expect.any(String), startedAt: time });
    expect(native.getTask(db, 't')).toStrictEqual(begun);
    expect(native.getTask(db, 'other')).toBeNull();
    native.upsertSession(db, { id: 's' });
    const whole = { ...task('u'), sessionId: 's', estimatedComplexity: 'high' };
    native.createTask(db, whole);
    const end = {
      outcome: 'success',
      confidence: 1,
      notes: 'n',
      filesModified: ['a.ts', 'b.ts'],
      testsAdded: 3,
    };
    expect(native.completeTask(db, { taskId: 'u', ...end })).toStrictEqual({
      ...whole,
      ...end,
      id: expect.any(String),
      startedAt: time,
      completedAt: time,
    });
    const least = { taskId: 'u', outcome: 'partial', confidence: 0 };
    expect(native.completeTask(db, least)).not.toHaveProperty('filesModified');
  });

  it('that failed tells why', () => {
    native.createTask(db, task('t'));
    const failure = { taskId: 't', reason: 'r', notes: 'n', attemptedSolutions: ['a', 'b'] };
    expect(native.failTask(db, failure)).toStrictEqual({
      ...task('t'),
      id: expect.any(String),
      startedAt: time,
      completedAt: time,
      outcome: 'failure',
      notes: 'Failure reason: r\nNotes: n\nAttempted solutions:\n- a\n- b',
    });
  });

  it('of a taken id or an unknown session is DB_CONSTRAINT; an unknown one is TASK_NOT_FOUND', () => {
    native.createTask(db, task('t'));
    expect(thrownBy(() => native.createTask(db, task('t')))).toMatchObject(
      errorOf('DB_CONSTRAINT', 'UNIQUE constraint failed'),
    );
    expect(thrownBy(() => native.createTask(db, { ...task('u'), sessionId: 'nobody' }))).toMatchObject(
      errorOf('DB_CONSTRAINT', 'nobody'),
    );
    expect(native.getTask(db, 'u')).toBeNull();
    const end = { taskId: 'u', outcome: 'success', confidence: 1 };
    expect(thrownBy(() => native.completeTask(db, end))).toMatchObject(errorOf('TASK_NOT_FOUND', 'u'));
    const failure = { taskId: 'u', reason: 'r' };
    expect(thrownBy(() => native.failTask(db, failure))).toMatchObject(errorOf('TASK_NOT_FOUND', 'u'));
  });
});

describe('a page of tasks', () => {
  it('leads to the next, each task once, the newest first', () => {
    native.upsertSession(db, { id: 's' });
    for (let number = 0; number < 5; number += 1) {
      native.createTask(db, { ...task(`${number}`), sessionId: number < 3 ? 's' : null });
    }
    const walk = (options: native.TaskPageOptions) => {
      const seen: string[] = [];
      let page = native.listTasksPage(db, options);
      for (;;) {
        seen.push(...page.items.map(({ taskId }) => taskId));
        if (page.nextCursor === undefined) return seen;
        page = native.listTasksPage(db, { ...options, cursor: page.nextCursor });
      }
    };
    expect(walk({ limit: 2 })).toEqual(['4', '3', '2', '1', '0']);
    expect(walk({ limit: 1, sessionId: 's' })).toEqual(['2', '1', '0']);
    expect(native.listTasksPage(db, { sessionId: 'nobody' })).toStrictEqual({ items: [], hasMore: false });
    expect(thrownBy(() => native.listTasksPage(db, { limit: 1001 }))).toMatchObject(
      errorOf('INVALID_ARGUMENT'),
    );
    expect(thrownBy(() => native.listTasksPage(db, { cursor: 'x' }))).toMatchObject(
      errorOf('INVALID_CURSOR'),
    );
  });
});

describe('metrics', () => {
  it('of nothing are zeros', () => {
    expect(native.queryTaskMetrics(db)).toStrictEqual({
      totalTasks: 0,
      completedTasks: 0,
      successfulTasks: 0,
      partialTasks: 0,
      failedTasks: 0,
      successRate: 0,
      calibrationScore: 0,
      byType: '{}',
      byOutcome: '{}',
    });
  });

  it('honour type, outcome and period in every figure', () => {
    for (const [taskId, taskType, outcome, confidence] of [
      ['1', 'fix', 'success', 0.5],
      ['2', 'fix', 'failure', 0.5],
      ['3', 'doc', 'success', 1],
    ] as const) {
      native.createTask(db, { taskId, taskType, description: '' });
      native.completeTask(db, { taskId, outcome, confidence });
    }
    expect(native.queryTaskMetrics(db, 'doc', null, 'day')).toMatchObject({
      totalTasks: 1,
      successRate: 1,
      averageConfidence: 1,
      calibrationScore: 1,
      byType: '{"doc":1}',
      byOutcome: '{"success":1}',
    });
    expect(native.queryTaskMetrics(db, null, 'failure')).toMatchObject({
      totalTasks: 1,
      calibrationScore: 0.5,
      byType: '{"fix":1}',
    });
  });
});
