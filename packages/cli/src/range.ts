/** The time range of a command. */
import { usageFailure } from './failures.js';
import { parseTime } from './times.js';

/** Reads `--since` and `--until` together. */
export function readRange(options: { since?: string; until?: string }): { since?: string; until?: string } {
  const now = new Date();
  const since = options.since === undefined ? undefined : parseTime('since', options.since, now);
  const until = options.until === undefined ? undefined : parseTime('until', options.until, now);
  if (since !== undefined && until !== undefined && since >= until) {
    throw usageFailure(`--since ${options.since} is not before --until ${options.until}`, 'swap the two');
  }
  return { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
}
