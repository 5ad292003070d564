import { describe, expect, it } from 'vitest';
import { newClient } from './archive.js';

describe('native tasks', () => {
  it('are none until the indexer found some', () => {
    const client = newClient();
    client.sessions.upsert({ id: 's' });
    expect(client.nativeTasks.list('s')).toEqual([]);
    expect(client.nativeTasks.get('s', '1')).toBeNull();
  });
});
