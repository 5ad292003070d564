import { describe, expect, it } from 'vitest';
import { newClient } from './archive.js';

const origin = {
  sessionId: 's',
  messageId: 'm',
  timestamp: '2026-03-01T12:00:00.000Z',
  lineNumber: 0,
};

describe('session todos', () => {
  it('keep the latest', () => {
    const client = newClient();
    client.sessions.upsert({ id: 's' });
    expect(client.sessionTodos.get('s')).toBeNull();
    const known = client.sessionTodos.upsert({ ...origin, todosJson: '[]' });
    expect(client.sessionTodos.get('s')).toEqual(known);
  });
});
