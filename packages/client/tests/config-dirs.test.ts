import { describe, expect, it } from 'vitest';
import { newClient, writeTranscripts } from './archive.js';

describe('config dirs', () => {
  it('registers, finds, lists and forgets folders, one of them the default', async () => {
    const client = newClient();
    const folder = writeTranscripts();
    expect(client.configDirs.register({ path: folder, name: 'mine', isDefault: true })).toMatchObject({
      path: folder,
      sessionCount: 0,
    });
    client.configDirs.register({ path: '/other', isDefault: true });
    expect(client.configDirs.getDefault()?.path).toBe('/other');
    await client.indexer.scan({ configDirs: [folder] });
    expect(client.configDirs.updateLastIndexed(folder)).toBe(true);
    expect(client.configDirs.getByPath(folder)).toMatchObject({
      name: 'mine',
      isDefault: false,
      sessionCount: 3,
      lastIndexedAt: expect.any(String),
    });
    expect(client.configDirs.list().map(({ path }) => path)).toEqual(['/other', folder]);
    expect([client.configDirs.unregister('/other'), client.configDirs.unregister('/other')]).toEqual([
      true,
      false,
    ]);
    expect(client.configDirs.getDefault()).toBeNull();
  });
});
