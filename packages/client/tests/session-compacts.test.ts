import { describe, expect, it } from 'vitest';
import { newClient } from './archive.js';

const origin = {
  sessionId: 's',
  messageId: 'm',
  timestamp: '2026-03-01T12:00:00.000Z',
  lineNumber: 0,
};

describe('session compacts', () => {
  it('keep the latest', () => {
    const client = newClient();
    client.sessions.upsert({ id: 's' });
    expect(client.sessionCompacts.get('s')).toBeNull();
    const known = client.sessionCompacts.upsert({ ...origin, compactType: 'compact' });
    expect(known).toMatchObject({ id: 'm', compactType: 'compact' });
    expect(client.sessionCompacts.get('s')).toEqual(known);
  });
});
