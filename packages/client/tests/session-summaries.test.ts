import { describe, expect, it } from 'vitest';
import { newClient } from './archive.js';

const origin = {
  sessionId: 's',
  messageId: 'm',
  timestamp: '2026-03-01T12:00:00.000Z',
  lineNumber: 0,
};

describe('session summaries', () => {
  it('keep the latest', () => {
    const client = newClient();
    client.sessions.upsert({ id: 's' });
    expect(client.sessionSummaries.get('s')).toBeNull();
    const known = client.sessionSummaries.upsert({ ...origin, content: 'text' });
    expect(client.sessionSummaries.get('s')).toEqual(known);
    const older = { ...origin, messageId: 'older', timestamp: '2026-03-01T11:00:00Z' };
    expect(client.sessionSummaries.upsert(older)).toMatchObject({ messageId: 'm', content: 'text' });
    expect(() => client.sessionSummaries.upsert({ ...origin, sessionId: 'nobody' })).toThrow(
      expect.objectContaining({ code: 'DB_CONSTRAINT' }),
    );
  });
});
