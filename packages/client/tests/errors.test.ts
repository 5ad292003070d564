import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import native from '@han/native';
import { describe, expect, it } from 'vitest';
import { withHanErrors } from '../src/errors.js';
import { errorCodes } from '../src/generated/error-codes.js';
import { HanClient, HanError, isHanErrorCode } from '../src/index.js';
import { newClient, temporaryFolder } from './archive.js';

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** What a call throws. */
function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('HanError.from', () => {
  it('takes the code from the message and keeps message and cause', () => {
    const cause = new Error('[DB_BUSY] open /data/han.db: database is locked');
    const error = HanError.from(cause);
    expect(error).toMatchObject({ name: 'HanError', code: 'DB_BUSY', message: cause.message, cause });
    expect(error.remedy).toBe(errorCodes.DB_BUSY.remedy);
  });

  it('takes the code from the property when the message has none', () => {
    const error = HanError.from(coded('ADDON_NOT_FOUND', 'no addon'));
    expect(error).toMatchObject({ code: 'ADDON_NOT_FOUND', message: '[ADDON_NOT_FOUND] no addon' });
  });

  it('calls an argument of the wrong type INVALID_ARGUMENT', () => {
    expect(HanError.from(coded('StringExpected', 'not a string')).code).toBe('INVALID_ARGUMENT');
    expect(HanError.from(coded('InvalidArg', 'missing')).code).toBe('INVALID_ARGUMENT');
  });

  it.each([
    coded('GenericFailure', 'odd'),
    new Error('[NO_SUCH_CODE] odd'),
    new Error('[toString] odd'),
    'a text',
    undefined,
  ])('calls everything else UNKNOWN: %s', (thrown) => {
    const error = HanError.from(thrown);
    expect(error.code).toBe('UNKNOWN');
    expect(error.cause).toBe(thrown);
    expect(error.message.startsWith('[UNKNOWN] ')).toBe(true);
  });

  it('returns a HanError as it is', () => {
    const error = new HanError('DB_BUSY', 'open');
    expect(HanError.from(error)).toBe(error);
  });
});

describe('isHanErrorCode', () => {
  it('knows the codes and nothing that every object has', () => {
    expect(isHanErrorCode('DB_BUSY')).toBe(true);
    expect(isHanErrorCode('toString')).toBe(false);
  });
});

describe('withHanErrors', () => {
  const failing = {
    dbInit: () => {
      throw new Error('[DB_TOO_NEW] open a.db');
    },
    getArchiveStatsAsync: () => Promise.reject(new Error('[DB_CORRUPT] read a.db')),
  };

  it('turns throws and rejections into HanError', async () => {
    const functions = withHanErrors(failing);
    expect(thrownBy(() => functions.dbInit())).toMatchObject({ name: 'HanError', code: 'DB_TOO_NEW' });
    await expect(functions.getArchiveStatsAsync()).rejects.toMatchObject({
      name: 'HanError',
      code: 'DB_CORRUPT',
    });
  });

  it('asks before every call', () => {
    let calls = 0;
    const functions = withHanErrors({ createJobId: () => 7 }, () => {
      calls += 1;
    });
    expect(functions.createJobId()).toBe(7);
    expect(calls).toBe(1);
  });
});

describe('the generated codes', () => {
  it('hold every code of the addon with its texts', () => {
    for (const { code, cause, remedy } of native.listErrorCodes()) {
      expect(errorCodes).toHaveProperty(code, { cause, remedy });
    }
  });
});

describe('bad input from the addon', () => {
  it('is a HanError when a database path is a folder', () => {
    const dbPath = temporaryFolder();
    expect(thrownBy(() => HanClient.open({ dbPath }))).toMatchObject({
      name: 'HanError',
      code: 'DB_PATH_INVALID',
      message: expect.stringMatching(/^\[DB_PATH_INVALID\] /),
    });
  });

  it('is a HanError when the file is no database', () => {
    const dbPath = join(temporaryFolder(), 'notes.txt');
    writeFileSync(dbPath, 'these are notes, long enough to be no header of a database at all\n'.repeat(20));
    expect(thrownBy(() => HanClient.open({ dbPath }))).toMatchObject({ code: 'DB_NOT_A_DATABASE' });
  });

  it('is a HanError when an argument has the wrong type', () => {
    const client = newClient();
    expect(thrownBy(() => client.sessions.get(7 as unknown as string))).toMatchObject({
      name: 'HanError',
      code: 'INVALID_ARGUMENT',
    });
  });

  it('is a HanError when a cursor is of another list', () => {
    const client = newClient();
    expect(thrownBy(() => client.sessions.page({ cursor: '%%' }))).toMatchObject({ code: 'INVALID_CURSOR' });
  });

  it('is a rejection when a file to index is missing or a folder', async () => {
    const client = newClient();
    const folder = temporaryFolder();
    const missing = join(folder, '44444444-0000-4000-8000-000000000004.jsonl');
    await expect(client.indexer.indexFile(missing)).rejects.toMatchObject({
      name: 'HanError',
      code: 'FILE_NOT_FOUND',
      message: expect.stringContaining(missing),
    });
    const directory = join(folder, '55555555-0000-4000-8000-000000000005.jsonl');
    mkdirSync(directory);
    await expect(client.indexer.indexFile(directory)).rejects.toMatchObject({ code: 'NOT_A_FILE' });
  });
});
