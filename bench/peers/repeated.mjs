/** Repetition inside one contender. */
import { ioCounters, timed } from './protocol.mjs';
import { median, quantile } from './statistics.mjs';

/**
 * Runs `work(round)` once unmeasured, then `rounds` times: median, 95th percentile, bytes read and written a
 * round, and the numbers that the last round returned as facts. `before(round)` runs unmeasured ahead of each.
 */
export async function repeated(name, rounds, work, before) {
  before?.(0);
  const first = await timed(() => work(0));
  const times = [];
  let facts = first.result;
  let readBytes = 0;
  let writtenBytes = 0;
  for (let round = 1; round <= rounds; round += 1) {
    before?.(round);
    const start = ioCounters();
    const { ms, result } = await timed(() => work(round));
    const end = ioCounters();
    times.push(ms);
    facts = result;
    if (start === null) continue;
    readBytes += end.readBytes - start.readBytes;
    writtenBytes += end.writtenBytes - start.writtenBytes;
  }
  const io = ioCounters() && {
    readBytes: Math.round(readBytes / rounds),
    writtenBytes: Math.round(writtenBytes / rounds),
  };
  return {
    case: name,
    ms: median(times),
    p95Ms: quantile(times, 0.95),
    facts: { ...facts, firstMs: first.ms, ...io },
  };
}
