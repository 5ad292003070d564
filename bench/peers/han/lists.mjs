/** Lists and counts through the flat functions. */
import { contend } from '../protocol.mjs';
import { readMessages, readSessions } from '../reading.mjs';
import { repeated } from '../repeated.mjs';
import { loadNative } from './native.mjs';

await contend(async ({ native: packagePath, databasePath, sessionId, sessionIds, rounds }) => {
  const native = loadNative(packagePath, [
    'getMessageCountsBatch',
    'listMessagesPage',
    'listSessionMessages',
    'listSessions',
  ]);
  const newest = { limit: 1000, order: 'newest' };
  return [
    await repeated('messages with raw', rounds, () => ({
      rows: readMessages(native.listSessionMessages(databasePath, sessionId, null, null, 1000, 0), true),
    })),
    await repeated('messages', rounds, () => ({
      rows: readMessages(native.listMessagesPage(databasePath, sessionId, newest).items, false),
    })),
    await repeated('sessions', rounds, () => ({
      rows: readSessions(native.listSessions(databasePath, null, null, 100)),
    })),
    await repeated('counts', rounds, () => ({
      rows: Object.keys(native.getMessageCountsBatch(databasePath, sessionIds)).length,
    })),
  ];
});
