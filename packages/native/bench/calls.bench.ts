// What single calls cost through the addon, on the bundled sample. Run with `npm run bench`.
// Peers are measured beside Han Native by the package in bench/.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, bench, describe } from 'vitest';
import {
  fullScanAndIndexAsync,
  getMessage,
  getMessageCountsBatch,
  listMessagesPage,
  listSessionMessages,
  listSessionsPage,
  searchTranscripts,
} from '../index.js';

const sample = fileURLToPath(new URL('../../cli/sample', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'han-bench-'));
const db = join(folder, 'han.db');
await fullScanAndIndexAsync(db, { configDirs: [sample] });
const sessions = listSessionsPage(db).items.map((session) => session.id);
const [session = ''] = sessions;
const [message] = listSessionMessages(db, session, null, null, 1);

afterAll(() => rmSync(folder, { recursive: true }));

describe('read', () => {
  bench('getMessage', () => {
    getMessage(db, message?.id ?? '');
  });
  bench('listSessionMessages, 100 with raw lines', () => {
    listSessionMessages(db, session, null, null, 100);
  });
  bench('listMessagesPage, 100 without raw lines', () => {
    listMessagesPage(db, session, { limit: 100 });
  });
  bench('listSessionsPage', () => {
    listSessionsPage(db);
  });
  bench('getMessageCountsBatch, all sessions', () => {
    getMessageCountsBatch(db, sessions);
  });
});

describe('search', () => {
  bench('one word', () => {
    searchTranscripts(db, 'retry');
  });
  bench('two words and a filter', () => {
    searchTranscripts(db, 'retry budget', { speaker: 'assistant' });
  });
  bench('Chinese', () => {
    searchTranscripts(db, '数据库');
  });
});
