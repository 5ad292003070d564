import { describe, expect, it } from 'vitest';
import { withTexts } from '../src/times.js';

describe('withTexts', () => {
  it('writes dates as RFC 3339 and leaves texts to the addon', () => {
    const range = { since: new Date(Date.UTC(2026, 10, 1)), until: 'tomorrow', limit: 3 };
    expect(withTexts(range)).toEqual({ since: '2026-11-01T00:00:00.000Z', until: 'tomorrow', limit: 3 });
  });

  it('leaves out what is not given', () => {
    expect(Object.keys(withTexts({ since: undefined }))).toEqual([]);
  });

  it('refuses an invalid date', () => {
    const range = { until: new Date(Number.NaN) };
    expect(() => withTexts(range)).toThrow(expect.objectContaining({ code: 'INVALID_TIMESTAMP' }));
  });
});
