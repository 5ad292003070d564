// What it costs to write many records: call by call, in one transaction, and in one call. Run with `npm run bench`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, bench, describe } from 'vitest';
import {
  getOrchestration,
  recordFileChange,
  recordFileChanges,
  transaction,
  upsertSession,
  withDatabase,
} from '../index.js';

const folder = mkdtempSync(join(tmpdir(), 'han-bench-'));
const db = join(folder, 'han.db');
upsertSession(db, { id: 's' });
const inputs = Array.from({ length: 1000 }, (_, number) => ({
  sessionId: 's',
  filePath: `/home/ann/my-app/src/module-${number % 500}.ts`,
  action: 'modified',
  fileHashAfter: number.toString(16).padStart(64, '0'),
  toolName: 'Edit',
}));

afterAll(() => rmSync(folder, { recursive: true }));

describe('1,000 changes of files', () => {
  bench('call by call', () => {
    for (const input of inputs) recordFileChange(db, input);
  });
  bench('in one transaction', () => {
    transaction(db, () => {
      for (const input of inputs) recordFileChange(db, input);
    });
  });
  bench('in one call', () => {
    recordFileChanges(db, inputs);
  });
});

describe('a call without a path', () => {
  bench('on the database used last', () => {
    getOrchestration('nobody');
  });
  bench('inside withDatabase', () => {
    withDatabase(db, () => getOrchestration('nobody'));
  });
});
