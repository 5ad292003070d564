import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseTime } from '../src/times.js';

const now = new Date('2026-11-20T12:34:56.789Z');

describe('parseTime', () => {
  const zone = process.env['TZ'];

  beforeEach(() => {
    process.env['TZ'] = 'America/New_York';
  });

  afterEach(() => {
    if (zone === undefined) {
      delete process.env['TZ'];
    } else {
      process.env['TZ'] = zone;
    }
  });

  it.each([
    ['now', '2026-11-20T12:34:56.789Z'],
    ['90s', '2026-11-20T12:33:26.789Z'],
    ['90m', '2026-11-20T11:04:56.789Z'],
    ['12h', '2026-11-20T00:34:56.789Z'],
    ['7d', '2026-11-13T12:34:56.789Z'],
    ['2w', '2026-11-06T12:34:56.789Z'],
    ['3 days ago', '2026-11-17T12:34:56.789Z'],
    ['1 Hour Ago', '2026-11-20T11:34:56.789Z'],
    ['2026-11-01T14:00:00Z', '2026-11-01T14:00:00.000Z'],
    ['2026-11-01T14:00:00.5+02:00', '2026-11-01T12:00:00.500Z'],
    ['2026-11-01T14:00:00.123456789-05:30', '2026-11-01T19:30:00.123Z'],
    ['2026-11-10 14:00', '2026-11-10T19:00:00.000Z'],
    ['2026-07-10T14:00:30', '2026-07-10T18:00:30.000Z'],
    [' 2028-02-29T00:00:00Z ', '2028-02-29T00:00:00.000Z'],
  ])('reads %j as %s for both ends of a range', (text, expected) => {
    expect(parseTime('since', text, now)).toBe(expected);
    expect(parseTime('until', text, now)).toBe(expected);
  });

  it.each([
    ['today', '2026-11-20T05:00:00.000Z', '2026-11-21T05:00:00.000Z'],
    ['yesterday', '2026-11-19T05:00:00.000Z', '2026-11-20T05:00:00.000Z'],
    ['2026-11-10', '2026-11-10T05:00:00.000Z', '2026-11-11T05:00:00.000Z'],
    // The day on which the clocks go back lasts 25 hours.
    ['2026-11-01', '2026-11-01T04:00:00.000Z', '2026-11-02T05:00:00.000Z'],
    ['2026-12-31', '2026-12-31T05:00:00.000Z', '2027-01-01T05:00:00.000Z'],
  ])('reads %j as a whole local day', (text, since, until) => {
    expect(parseTime('since', text, now)).toBe(since);
    expect(parseTime('until', text, now)).toBe(until);
  });

  it.each([
    '',
    'soon',
    'tomorrow',
    '7',
    '7y',
    '-7d',
    '2026',
    '2026-13-01',
    '2026-02-30',
    '2026-11-01T25:00:00Z',
    '2026-11-01T10:61:00Z',
    '2026-11-01T10:00:00+99:00',
    '01.11.2026',
    '9999999d',
  ])('refuses %j and says what can be written', (text) => {
    expect(() => parseTime('since', text, now)).toThrow(
      expect.objectContaining({
        exit: 2,
        message: `--since ${JSON.stringify(text)} is not a time`,
        remedy: expect.stringContaining('7d'),
      }),
    );
  });
});
