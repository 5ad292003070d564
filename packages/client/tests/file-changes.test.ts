import { describe, expect, it } from 'vitest';
import { newClient } from './archive.js';

describe('file changes', () => {
  it('records, pages, lists and walks', async () => {
    const client = newClient();
    client.sessions.upsert({ id: 's' });
    expect(client.fileChanges.any('s')).toBe(false);
    for (const filePath of ['/a', '/b', '/c']) {
      client.fileChanges.record({ sessionId: 's', filePath, action: 'created', agentId: filePath });
    }
    expect(client.fileChanges.any('s')).toBe(true);
    expect(client.fileChanges.any('s', '/d')).toBe(false);
    expect(client.fileChanges.list('s').map(({ filePath }) => filePath)).toEqual(['/c', '/b', '/a']);
    expect(client.fileChanges.list('s', '/b')).toHaveLength(1);
    expect(client.fileChanges.page('s', { limit: 2 })).toMatchObject({ hasMore: true });
    const walked: string[] = [];
    for await (const { filePath } of client.fileChanges.of('s', { pageSize: 1 })) walked.push(filePath);
    expect(walked).toEqual(['/c', '/b', '/a']);
  });

  it('refuses an unknown session', () => {
    const record = () =>
      newClient().fileChanges.record({ sessionId: 'nobody', filePath: '/a', action: 'created' });
    expect(record).toThrow(expect.objectContaining({ code: 'DB_CONSTRAINT' }));
  });
});
