/** Times as people write them on a command line. */
import { usageFailure } from './failures.js';

const minute = 60_000;

/** Milliseconds of each unit, by the letter it begins with. */
const units: Record<string, number> = {
  s: 1000,
  m: minute,
  h: 60 * minute,
  d: 24 * 60 * minute,
  w: 7 * 24 * 60 * minute,
};

const relative = /^(\d{1,6})\s*(seconds?|s|minutes?|min|m|hours?|h|days?|d|weeks?|w)(?:\s+ago)?$/i;
const date = /^(\d{4})-(\d{2})-(\d{2})$/;
const dateTime =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:\d{2})?$/i;

/**
 * Reads a time: RFC 3339 (`2026-11-01T14:00:00Z`), a local date and time without a zone (`2026-11-01 14:00`), a local
 * date (`2026-11-01`), `now`, `today`, `yesterday`, or a span before now (`90m`, `12h`, `7d`, `2 weeks ago`).
 *
 * A date means its beginning for `since` and its end for `until`, so that both name the same day inclusively.
 *
 * @param bound - Which end of a range the time is.
 * @param text - As it was typed.
 * @param now - The clock; the present when not given.
 * @returns RFC 3339 in UTC, with milliseconds.
 */
export function parseTime(bound: 'since' | 'until', text: string, now: Date = new Date()): string {
  const moment = read(bound, text.trim(), now);
  if (moment === undefined || Number.isNaN(moment.getTime())) {
    throw usageFailure(
      `--${bound} ${JSON.stringify(text)} is not a time`,
      'write 2026-11-01, 2026-11-01T14:00:00Z, "2026-11-01 14:00", today, yesterday, or a span such as 12h, 7d, 2w',
    );
  }
  return moment.toISOString();
}

function read(bound: 'since' | 'until', text: string, now: Date): Date | undefined {
  const word = text.toLowerCase();
  if (word === 'now') {
    return now;
  }
  if (word === 'today' || word === 'yesterday') {
    const offset = word === 'today' ? 0 : -1;
    return day(bound, now.getFullYear(), now.getMonth(), now.getDate() + offset);
  }
  const span = relative.exec(text);
  if (span) {
    const [, count = '', unit = ''] = span;
    return new Date(now.getTime() - Number(count) * (units[unit.charAt(0).toLowerCase()] ?? Number.NaN));
  }
  const onlyDate = date.exec(text);
  if (onlyDate) {
    const [year = 0, month = 0, dayOfMonth = 0] = onlyDate.slice(1).map(Number);
    return isDay(year, month, dayOfMonth) ? day(bound, year, month - 1, dayOfMonth) : undefined;
  }
  return readDateTime(text);
}

function readDateTime(text: string): Date | undefined {
  const parts = dateTime.exec(text);
  if (!parts) {
    return undefined;
  }
  const [year = 0, month = 0, dayOfMonth = 0, hour = 0, minutes = 0] = parts.slice(1, 6).map(Number);
  const second = Number(parts[6] ?? 0);
  if (!isDay(year, month, dayOfMonth) || hour > 23 || minutes > 59 || second > 59) {
    return undefined;
  }
  const millisecond = Number((parts[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const zone = parts[8];
  if (zone === undefined) {
    return new Date(year, month - 1, dayOfMonth, hour, minutes, second, millisecond);
  }
  const utc = Date.UTC(year, month - 1, dayOfMonth, hour, minutes, second, millisecond);
  return new Date(utc - offsetOf(zone));
}

/** Milliseconds that a zone such as `+02:00` is ahead of UTC. */
function offsetOf(zone: string): number {
  if (zone.toUpperCase() === 'Z') {
    return 0;
  }
  const [hours = 0, minutes = 0] = zone.slice(1).split(':').map(Number);
  if (hours > 23 || minutes > 59) {
    return Number.NaN;
  }
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * minute;
}

/** The beginning of a local day, or its end; `Date` carries days beyond the month over. */
function day(bound: 'since' | 'until', year: number, monthIndex: number, dayOfMonth: number): Date {
  return new Date(year, monthIndex, dayOfMonth + (bound === 'until' ? 1 : 0));
}

function isDay(year: number, month: number, dayOfMonth: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, dayOfMonth));
  return year >= 1000 && date.getUTCMonth() === month - 1 && date.getUTCDate() === dayOfMonth;
}
