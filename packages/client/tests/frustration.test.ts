import { describe, expect, it } from 'vitest';
import { newClient } from './archive.js';

describe('frustration', () => {
  it('is recorded and counted', () => {
    const client = newClient();
    expect(client.frustration.metrics({ totalTasks: 3 })).toMatchObject({
      totalFrustrations: 0,
      byLevel: '{}',
    });
    const sign = { frustrationLevel: 'high', frustrationScore: 7, userMessage: 'not again' };
    expect(client.frustration.record({ ...sign, detectedSignals: ['terse'] })).toMatchObject({
      ...sign,
      detectedSignals: '["terse"]',
    });
    expect(client.frustration.metrics({ period: 'week', totalTasks: 4 })).toMatchObject({
      totalFrustrations: 1,
      significantFrustrationRate: 0.25,
      weightedScore: 7,
    });
    expect(() => client.frustration.record({ ...sign, sessionId: 'nobody' })).toThrow(
      expect.objectContaining({ code: 'DB_CONSTRAINT' }),
    );
  });
});
