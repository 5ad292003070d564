import { describe, expect, it } from 'vitest';
import { HanError } from '../src/index.js';
import { newClient } from './archive.js';

const run = { hookType: 'Stop', projectRoot: '/p' };
const hook = { plugin: 'lint', hookName: 'check', directory: '/p', command: 'run' };

/** What a call throws. */
function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('a transaction', () => {
  it('holds everything the client writes, and returns what its work does', () => {
    const client = newClient();
    const id = client.transaction(() => {
      const made = client.orchestrations.create(run);
      client.queuedHooks.add({ orchestrationId: made.id, ...hook });
      client.hookExecutions.queue({ orchestrationId: made.id, hookType: 'Stop', ...hook });
      client.sessions.upsert({ id: 's' });
      expect(client.queuedHooks.list(made.id)).toHaveLength(1);
      return made.id;
    });
    expect(client.orchestrations.get(id)).toMatchObject({ id });
    expect(client.hookExecutions.pending()).toHaveLength(1);
  });

  it('is undone when its work throws, and passes on exactly what was thrown', () => {
    const client = newClient();
    for (const mine of [new Error('mine'), new TypeError('mine'), 'text', undefined]) {
      let caught: unknown = 'nothing';
      try {
        client.transaction(() => {
          client.sessions.upsert({ id: 's' });
          throw mine;
        });
      } catch (error) {
        caught = error;
      }
      expect(caught).toBe(mine);
      expect(client.sessions.get('s')).toBeNull();
    }
  });

  it('fails with the error of a call that its work does not catch', () => {
    const client = newClient();
    const change = { sessionId: 'nobody', filePath: '/a', action: 'created' };
    const error = thrownBy(() =>
      client.transaction(() => {
        client.sessions.upsert({ id: 's' });
        client.fileChanges.record(change);
      }),
    );
    expect(error).toBeInstanceOf(HanError);
    expect(error).toMatchObject({ code: 'DB_CONSTRAINT' });
    expect(client.sessions.get('s')).toBeNull();
  });

  it('has parts that can be undone alone', () => {
    const client = newClient();
    const mine = new Error('mine');
    client.transaction(() => {
      client.sessions.upsert({ id: 'a' });
      const part = () =>
        client.transaction(() => {
          client.sessions.upsert({ id: 'b' });
          throw mine;
        });
      expect(thrownBy(part)).toBe(mine);
    });
    expect(client.sessions.getManySync(['a', 'b']).map((session) => session?.id ?? null)).toEqual([
      'a',
      null,
    ]);
  });

  it('is not asynchronous', () => {
    const client = newClient();
    const work = () => Promise.resolve(client.sessions.upsert({ id: 's' }));
    // @ts-expect-error the compiler says so too
    const error = thrownBy(() => client.transaction(work));
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(client.sessions.get('s')).toBeNull();
  });

  it('of one client does not hold what another writes', () => {
    const [one, other] = [newClient(), newClient()];
    const mine = new Error('mine');
    const work = () =>
      one.transaction(() => {
        other.orchestrations.create({ ...run, hookType: 'Other' });
        other.sessions.upsert({ id: 's' });
        throw mine;
      });
    expect(thrownBy(work)).toBe(mine);
    expect(other.sessions.get('s')).not.toBeNull();
  });

  it('needs a client that is open', () => {
    const client = newClient();
    client.close();
    expect(thrownBy(() => client.transaction(() => 1))).toMatchObject({ code: 'CLIENT_CLOSED' });
  });
});

it('each client keeps to its own database, whichever was used last', () => {
  const [one, other] = [newClient(), newClient()];
  const { id } = one.orchestrations.create(run);
  other.sessions.list();
  one.queuedHooks.add({ orchestrationId: id, ...hook });
  expect(one.queuedHooks.drain(id)).toHaveLength(1);
  expect(other.orchestrations.get(id)).toBeNull();
  expect(thrownBy(() => other.queuedHooks.add({ orchestrationId: id, ...hook }))).toMatchObject({
    code: 'DB_CONSTRAINT',
  });
  expect(one.hookAttempts.get({ sessionId: 's', ...hook })).toMatchObject({ consecutiveFailures: 0 });
});
