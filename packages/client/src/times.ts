/** Times as callers give them and as the addon takes them. */
import { HanError } from './errors.js';

/** A moment: a `Date`, or RFC 3339 text with a zone such as `2026-11-20T12:00:00Z`. */
export type Moment = Date | string;

/** The `since` and `until` of a list, as callers give them. */
export interface TimeRange {
  /** Only what happened at this moment or later. */
  since?: Moment | undefined;
  /** Only what happened before this moment. */
  until?: Moment | undefined;
}

/**
 * The same options with `since` and `until` as RFC 3339 text; those that are not given are absent.
 *
 * @throws HanError `INVALID_TIMESTAMP` for an invalid `Date`. Text is checked by the addon.
 */
export function withTexts<T extends TimeRange>(options: T): Omit<T, keyof TimeRange> & TextRange {
  const { since, until, ...rest } = options;
  return {
    ...rest,
    ...(since === undefined ? {} : { since: textOf('since', since) }),
    ...(until === undefined ? {} : { until: textOf('until', until) }),
  };
}

interface TextRange {
  since?: string;
  until?: string;
}

/**
 * A moment as RFC 3339 text.
 *
 * @param name - What the caller calls it, for the message of an error.
 * @throws HanError `INVALID_TIMESTAMP` for an invalid `Date`. Text is checked by the addon.
 */
export function textOf(name: string, moment: Moment): string {
  if (typeof moment === 'string') {
    return moment;
  }
  if (Number.isNaN(moment.getTime())) {
    throw new HanError('INVALID_TIMESTAMP', `read argument ${name}: the Date is invalid`);
  }
  return moment.toISOString();
}
