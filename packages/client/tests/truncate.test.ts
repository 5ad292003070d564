import { rmSync } from 'node:fs';
import { expect, it } from 'vitest';
import { newClient, sessionIds, transcriptPath, turns, writeTranscripts } from './archive.js';

it('removes what can be read again, and a scan brings it back', async () => {
  const client = newClient();
  const configDir = writeTranscripts();
  await client.indexer.scan({ configDirs: [configDir] });
  const [gone, kept, other] = sessionIds;
  rmSync(transcriptPath(configDir, 0));
  client.fileChanges.record({ sessionId: kept, filePath: '/a', action: 'created' });

  expect(await client.truncateDerived()).toBeGreaterThan(turns * 4);
  expect(client.messages.counts([...sessionIds])).toEqual({ [gone]: turns * 2, [kept]: 0, [other]: 0 });
  expect(client.sessions.get(other)).toBeNull();
  expect(client.fileChanges.any(kept)).toBe(true);

  await client.indexer.scan({ configDirs: [configDir] });
  for (const sessionId of sessionIds) expect(client.messages.count(sessionId)).toBe(turns * 2);
  expect(client.search.pageSync('answer').items).toHaveLength(turns * 3);
});
