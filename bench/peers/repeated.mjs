/** Repetition inside one contender. */
import { ioCounters, peakRssBytes, timed } from './protocol.mjs';
import { median, quantile } from './statistics.mjs';

/**
 * Runs `work(round)` once unmeasured, then `rounds` times: median, 95th percentile, bytes read and written a
 * round, and the numbers that the last round returned as facts. `before(round)` runs unmeasured ahead of each.
 * Once `budgetMs` are spent no other round begins; a first round that spends them is what is measured.
 */
export async function repeated(name, rounds, work, { before, budgetMs = Number.POSITIVE_INFINITY } = {}) {
  const total = { readBytes: 0, writtenBytes: 0 };
  const round = async (number) => {
    before?.(number);
    const start = ioCounters();
    const { ms, result } = await timed(() => work(number));
    const end = ioCounters();
    if (start !== null) {
      total.readBytes += end.readBytes - start.readBytes;
      total.writtenBytes += end.writtenBytes - start.writtenBytes;
    }
    return { ms, result };
  };

  const first = await round(0);
  const firstPeakRssBytes = peakRssBytes();
  const times = [];
  let facts = first.result;
  if (first.ms >= budgetMs) times.push(first.ms);
  else {
    total.readBytes = 0;
    total.writtenBytes = 0;
    for (let spent = 0; times.length < rounds && spent < budgetMs; ) {
      const { ms, result } = await round(times.length + 1);
      times.push(ms);
      spent += ms;
      facts = result;
    }
  }
  const io = ioCounters() && {
    readBytes: Math.round(total.readBytes / times.length),
    writtenBytes: Math.round(total.writtenBytes / times.length),
  };
  return {
    case: name,
    ms: median(times),
    p95Ms: quantile(times, 0.95),
    facts: { ...facts, rounds: times.length, firstMs: first.ms, firstPeakRssBytes, ...io },
  };
}
