import { describe, expect, it } from 'vitest';
import { newClient } from './archive.js';

const input = { hookType: 'Stop', projectRoot: '/p' };

describe('orchestrations', () => {
  it('begin, change, and are cancelled with their hooks', () => {
    const client = newClient();
    client.sessions.upsert({ id: 's' });
    const first = client.orchestrations.create({ ...input, sessionId: 's' });
    client.hookExecutions.queue({
      orchestrationId: first.id,
      hookType: 'Stop',
      hookName: 'check',
      plugin: 'lint',
      directory: '/p',
      command: 'run',
    });
    const second = client.orchestrations.create({ ...input, sessionId: 's' });
    expect(client.orchestrations.get(first.id)?.status).toBe('cancelled');
    expect(client.orchestrations.hooks(first.id)).toMatchObject([{ hookName: 'check', status: 'cancelled' }]);
    client.orchestrations.update({ id: second.id, totalHooks: 3 });
    client.orchestrations.cancel(second.id);
    expect(client.orchestrations.get(second.id)).toMatchObject({ status: 'cancelled', totalHooks: 3 });
    expect(client.orchestrations.get('nobody')).toBeNull();
    expect(() => client.orchestrations.create({ ...input, sessionId: 'nobody' })).toThrow(
      expect.objectContaining({ code: 'DB_CONSTRAINT' }),
    );
  });

  it('are those of the client, whatever other databases are open', () => {
    const [here, there] = [newClient(), newClient()];
    const { id } = here.orchestrations.create(input);
    expect(there.orchestrations.get(id)).toBeNull();
    expect(here.orchestrations.get(id)).toMatchObject({ status: 'running' });
  });
});
