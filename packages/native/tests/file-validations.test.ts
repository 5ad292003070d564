// Validations of files: their shape, and when another one is needed.
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { newPlace } from './contract/transcripts';

const uuid = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const hook = ['s', 'lint', 'check', '/w'] as const;

let db: string;
beforeEach(() => {
  db = newPlace().dbPath;
});

function change(filePath: string, fileHashAfter?: string) {
  native.upsertSession(db, { id: 's' });
  return native.recordFileChange(db, {
    sessionId: 's',
    filePath,
    action: fileHashAfter === undefined ? 'deleted' : 'modified',
    fileHashAfter,
  });
}

function validate(filePath: string, fileHash: string, commandHash = 'c') {
  const [sessionId, pluginName, hookName, directory] = hook;
  const input = { sessionId, filePath, fileHash, pluginName, hookName, directory, commandHash };
  return { input, known: native.recordFileValidation(db, input) };
}

describe('a validation of a file', () => {
  it('has these fields, and makes its session', () => {
    const { input, known } = validate('/a', '1');
    expect(known).toStrictEqual({ ...input, id: uuid, validatedAt: time });
    expect(native.getSession(db, 's')).not.toBeNull();
    expect(native.getFileValidation(db, 's', '/a', 'lint', 'check', '/w')).toStrictEqual(known);
    expect(native.getFileValidation(db, 's', '/a', 'lint', 'check', '/v')).toBeNull();
    expect(native.getFileValidation(db, 'nobody', '/a', 'lint', 'check', '/w')).toBeNull();
  });

  it('takes the place of the one before', () => {
    const { known } = validate('/a', '1');
    expect(validate('/a', '2', 'd').known).toMatchObject({ id: known.id, fileHash: '2', commandHash: 'd' });
    expect(native.getSessionValidations(db, ...hook)).toHaveLength(1);
    validate('/b', '1');
    const other = { ...validate('/b', '1').input, directory: '/v' };
    native.recordFileValidation(db, other);
    expect(native.getSessionValidations(db, ...hook)).toHaveLength(2);
    expect(native.getAllSessionValidations(db, 's').map(({ filePath }) => filePath)).toEqual([
      '/a',
      '/b',
      '/b',
    ]);
    expect(native.getAllSessionValidations(db, 'nobody')).toEqual([]);
  });
});

describe('validation', () => {
  it('is decided by the latest change of each file', () => {
    expect(native.needsValidation(db, ...hook, 'c')).toBe(false);
    change('/a', '1');
    change('/a', '2');
    change('/b', '1');
    validate('/a', '1');
    validate('/b', '1');
    expect(native.needsValidation(db, ...hook, 'c')).toBe(true);
    expect(native.getFilesForValidation(db, ...hook)).toStrictEqual([
      { filePath: '/a', modificationHash: '2', validationHash: '1', validationCommandHash: 'c' },
      { filePath: '/b', modificationHash: '1', validationHash: '1', validationCommandHash: 'c' },
    ]);
    validate('/a', '2');
    expect(native.needsValidation(db, ...hook, 'c')).toBe(false);
    expect(native.needsValidation(db, ...hook, 'other command')).toBe(true);
  });

  it('of a file without a hash is a decision', () => {
    change('/gone');
    expect(native.needsValidation(db, ...hook, 'c')).toBe(true);
    expect(native.getFilesForValidation(db, ...hook)).toStrictEqual([
      { filePath: '/gone', modificationHash: '' },
    ]);
    validate('/gone', '');
    expect(native.needsValidation(db, ...hook, 'c')).toBe(false);
  });
});

describe('stale validations', () => {
  it('are deleted, whatever the number of paths that stay', async () => {
    for (const path of ['/0', '/1', '/stale', '/other']) validate(path, '1');
    const paths = Array.from({ length: 50_000 }, (_, number) => `/${number}`);
    expect(native.deleteStaleValidations(db, ...hook, [...paths, '/other'])).toBe(1);
    expect(await native.deleteStaleValidationsAsync(db, ...hook, paths)).toBe(1);
    expect(native.deleteStaleValidations(db, ...hook, paths)).toBe(0);
    expect(native.deleteStaleValidations(db, 'nobody', 'lint', 'check', '/w', [])).toBe(0);
    expect(native.deleteStaleValidations(db, ...hook, [])).toBe(2);
  });
});
