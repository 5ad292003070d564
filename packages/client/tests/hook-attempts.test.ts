import { describe, expect, it } from 'vitest';
import { newClient } from './archive.js';

const key = { sessionId: 's', plugin: 'lint', hookName: 'check', directory: '/p' };

describe('hook attempts', () => {
  it('are counted until they are reset, and more may be allowed', () => {
    const client = newClient();
    expect(client.hookAttempts.get(key)).toEqual({ consecutiveFailures: 0, maxAttempts: 3, isStuck: false });
    expect(() => client.hookAttempts.increment(key)).toThrow(
      expect.objectContaining({ code: 'HOOK_NOT_FOUND' }),
    );
    const { plugin: hookSource, ...of } = key;
    client.hookExecutions.record({
      ...of,
      hookSource,
      hookType: 'Stop',
      durationMs: 1,
      exitCode: 1,
      passed: false,
    });
    client.hookAttempts.increment(key);
    client.hookAttempts.increment(key);
    expect(client.hookAttempts.increment(key)).toMatchObject({ consecutiveFailures: 3, isStuck: true });
    client.hookAttempts.increaseMax(key, 2);
    expect(client.hookAttempts.get(key)).toMatchObject({ maxAttempts: 5, isStuck: false });
    client.hookAttempts.reset(key);
    expect(client.hookAttempts.get(key).consecutiveFailures).toBe(0);
  });
});
