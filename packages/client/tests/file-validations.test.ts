import { describe, expect, it } from 'vitest';
import { newClient } from './archive.js';

describe('file validations', () => {
  it('tell which changed files still wait for a hook', async () => {
    const client = newClient();
    const hook = { sessionId: 's', pluginName: 'lint', hookName: 'check', directory: '/w' };
    client.sessions.upsert({ id: 's' });
    expect(client.fileValidations.needed(hook, 'c')).toBe(false);
    client.fileChanges.record({ sessionId: 's', filePath: '/a', action: 'modified', fileHashAfter: '1' });
    expect(client.fileValidations.needed(hook, 'c')).toBe(true);
    expect(client.fileValidations.statuses(hook)).toEqual([{ filePath: '/a', modificationHash: '1' }]);

    const known = client.fileValidations.record({ ...hook, filePath: '/a', fileHash: '1', commandHash: 'c' });
    expect(client.fileValidations.needed(hook, 'c')).toBe(false);
    expect(client.fileValidations.get(hook, '/a')).toEqual(known);
    expect(client.fileValidations.get(hook, '/b')).toBeNull();
    expect(client.fileValidations.list(hook)).toEqual([known]);
    expect(client.fileValidations.ofSession('s')).toEqual([known]);

    expect(await client.fileValidations.deleteStale(hook, ['/a'])).toBe(0);
    expect(client.fileValidations.deleteStaleSync(hook, [])).toBe(1);
    expect(client.fileValidations.needed(hook, 'c')).toBe(true);
  });
});
