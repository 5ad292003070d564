// Failures in a row of hooks through the addon.
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, newPlace, thrownBy } from './contract/transcripts';

let db: string;
beforeEach(() => {
  db = newPlace().dbPath;
  native.dbInit(db);
});

const key = ['s', 'lint', 'check', '/p'] as const;

function record() {
  native.recordHookExecution(db, {
    sessionId: 's',
    hookSource: 'lint',
    hookName: 'check',
    directory: '/p',
    hookType: 'Stop',
    durationMs: 1,
    exitCode: 1,
    passed: false,
  });
}

describe('failures of a hook', () => {
  it('that never ran are none of 3, and cannot be counted', () => {
    const none = { consecutiveFailures: 0, maxAttempts: 3, isStuck: false };
    expect(native.getOrCreateHookAttempt(...key)).toStrictEqual(none);
    native.resetHookFailures(...key);
    native.increaseHookMaxAttempts(...key, 5);
    expect(native.getOrCreateHookAttempt(...key)).toStrictEqual(none);
    expect(thrownBy(() => native.incrementHookFailures(...key))).toMatchObject(
      errorOf('HOOK_NOT_FOUND', 'check'),
    );
  });

  it('stay when the hook runs again, until they are reset', () => {
    record();
    native.incrementHookFailures(...key);
    native.incrementHookFailures(...key);
    record();
    expect(native.incrementHookFailures(...key)).toStrictEqual({
      consecutiveFailures: 3,
      maxAttempts: 3,
      isStuck: true,
    });
    native.increaseHookMaxAttempts(...key, 2);
    expect(native.getOrCreateHookAttempt(...key)).toMatchObject({ maxAttempts: 5, isStuck: false });
    native.resetHookFailures(...key);
    expect(native.getOrCreateHookAttempt(...key)).toStrictEqual({
      consecutiveFailures: 0,
      maxAttempts: 5,
      isStuck: false,
    });
  });

  it('are allowed by whole numbers only', () => {
    for (const increase of [-1, 0.5, Number.NaN, 2 ** 32]) {
      expect(thrownBy(() => native.increaseHookMaxAttempts(...key, increase))).toMatchObject(
        errorOf('INVALID_ARGUMENT', 'increase'),
      );
    }
  });
});
