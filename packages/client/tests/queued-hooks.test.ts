import { describe, expect, it } from 'vitest';
import { newClient } from './archive.js';

describe('queued hooks', () => {
  it('wait in order of arrival, and are taken or deleted', () => {
    const client = newClient();
    const { id } = client.orchestrations.create({ hookType: 'Stop', projectRoot: '/p' });
    const add = (hookName: string) =>
      client.queuedHooks.add({
        orchestrationId: id,
        plugin: 'lint',
        hookName,
        directory: '/p',
        command: 'run',
      });
    add('b');
    add('a');
    expect(client.queuedHooks.list(id).map(({ hookName }) => hookName)).toEqual(['b', 'a']);
    expect(client.queuedHooks.drain(id)).toHaveLength(2);
    expect(client.queuedHooks.drain(id)).toEqual([]);
    add('c');
    expect(client.queuedHooks.delete(id)).toBe(1);
    expect(client.queuedHooks.list(id)).toEqual([]);
  });
});
