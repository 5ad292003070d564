import { describe, expect, it } from 'vitest';
import { newClient } from './archive.js';

const key = { sessionId: 's', cwd: '/p', plugin: 'lint', hookName: 'check' };

describe('async hooks', () => {
  it('wait once for each key, are drained once, and end', () => {
    const client = newClient();
    client.sessions.upsert({ id: 's' });
    client.asyncHooks.enqueue({ ...key, filePaths: ['a'], command: 'run' });
    const id = client.asyncHooks.enqueue({ ...key, filePaths: ['b'], command: 'run' });
    expect(client.asyncHooks.pending('s')).toMatchObject([{ id, filePaths: ['a', 'b'] }]);
    expect(client.asyncHooks.drain('s')).toHaveLength(1);
    expect(client.asyncHooks.drain('s')).toEqual([]);
    expect(client.asyncHooks.isEmpty('s')).toBe(false);
    client.asyncHooks.complete(id, { success: true, result: 'fine' });
    expect(client.asyncHooks.isEmpty('s')).toBe(true);
    client.asyncHooks.enqueue({ ...key, filePaths: ['c'], command: 'run' });
    expect(client.asyncHooks.cancelPending(key)).toEqual(['c']);
    client.asyncHooks.cancel(client.asyncHooks.enqueue({ ...key, filePaths: [], command: 'run' }));
    expect(client.asyncHooks.clear('s')).toBe(0);
    expect(() =>
      client.asyncHooks.enqueue({ ...key, sessionId: 'nobody', filePaths: [], command: 'run' }),
    ).toThrow(expect.objectContaining({ code: 'DB_CONSTRAINT' }));
  });
});
