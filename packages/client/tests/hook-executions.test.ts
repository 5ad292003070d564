import { describe, expect, it } from 'vitest';
import { newClient } from './archive.js';

const run = { hookType: 'Stop', durationMs: 1, exitCode: 0, passed: true };

describe('hook executions', () => {
  it('wait, run and end', () => {
    const client = newClient();
    const { id: orchestrationId } = client.orchestrations.create({ hookType: 'Stop', projectRoot: '/p' });
    const [first, second, third] = ['a', 'b', 'c'].map((hookName) =>
      client.hookExecutions.queue({
        orchestrationId,
        sessionId: 's',
        hookType: 'Stop',
        hookName,
        plugin: 'lint',
        directory: '/p',
        command: 'run',
      }),
    ) as [string, string, string];
    expect(client.hookExecutions.pending().map(({ id }) => id)).toEqual([first, second, third]);
    client.hookExecutions.setStatus(first, 'running');
    client.hookExecutions.fail(second, 'broken');
    client.hookExecutions.complete(third, { success: true, output: 'fine', durationMs: 7 });
    expect(client.hookExecutions.pending()).toEqual([]);
    expect(client.hookExecutions.pending('s')).toMatchObject([
      { id: first, status: 'running' },
      { id: second, status: 'failed', error: 'broken' },
    ]);
    expect(client.hookExecutions.page({ limit: 1 }).items).toMatchObject([
      { id: third, status: 'completed', output: 'fine', durationMs: 7 },
    ]);
    expect(client.hookExecutions.stats('day')).toMatchObject({ totalExecutions: 3, totalPassed: 1 });
  });

  it('come by pages and one by one, the last first', async () => {
    const client = newClient();
    for (const hookName of ['1', '2', '3']) {
      client.hookExecutions.record({ ...run, hookName, sessionId: hookName === '2' ? null : 's' });
    }
    const { items, nextCursor } = client.hookExecutions.page({ limit: 2 });
    expect(items.map(({ hookName }) => hookName)).toEqual(['3', '2']);
    expect(client.hookExecutions.page({ cursor: nextCursor as string }).items).toHaveLength(1);
    const names: string[] = [];
    for await (const { hookName } of client.hookExecutions.all({ pageSize: 1, sessionId: 's' })) {
      names.push(hookName);
    }
    expect(names).toEqual(['3', '1']);
    expect(client.hookExecutions.stats()).toMatchObject({ passRate: 1, byHookType: '{"Stop":3}' });
  });
});
