import { describe, expect, it } from 'vitest';
import { newClient } from './archive.js';

const task = (taskId: string) => ({ taskId, description: 'do it', taskType: 'fix' });

describe('tasks', () => {
  it('begin, end and fail', () => {
    const client = newClient();
    client.tasks.create(task('a'));
    client.tasks.create(task('b'));
    expect(client.tasks.complete({ taskId: 'a', outcome: 'success', confidence: 0.75 })).toMatchObject({
      outcome: 'success',
    });
    expect(client.tasks.fail({ taskId: 'b', reason: 'r' }).notes).toBe('Failure reason: r');
    expect(client.tasks.get('a')?.confidence).toBe(0.75);
    expect(client.tasks.get('c')).toBeNull();
    expect(() => client.tasks.fail({ taskId: 'c', reason: 'r' })).toThrow(
      expect.objectContaining({ code: 'TASK_NOT_FOUND' }),
    );
    expect(client.tasks.metrics({ outcome: 'success', period: 'week' })).toMatchObject({
      totalTasks: 1,
      calibrationScore: 0.75,
    });
    expect(client.tasks.metrics()).toMatchObject({ totalTasks: 2, successRate: 0.5 });
  });

  it('come by pages and one by one, the newest first', async () => {
    const client = newClient();
    client.sessions.upsert({ id: 's' });
    for (const id of ['1', '2', '3'])
      client.tasks.create({ ...task(id), sessionId: id === '2' ? null : 's' });
    const { items, nextCursor } = client.tasks.page({ limit: 2 });
    expect(items.map(({ taskId }) => taskId)).toEqual(['3', '2']);
    expect(client.tasks.page({ cursor: nextCursor as string }).items).toHaveLength(1);
    const ids: string[] = [];
    for await (const { taskId } of client.tasks.all({ pageSize: 1, sessionId: 's' })) ids.push(taskId);
    expect(ids).toEqual(['3', '1']);
  });
});
