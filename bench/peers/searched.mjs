/** Latency of lists of queries. */
import { median, quantile } from './statistics.mjs';

/**
 * Runs each list of `queries` ({ rare: [...], ... }) once unmeasured and then `rounds` times through
 * `search(query)`, which returns the number of hits. A case gives median and 95th percentile of one query.
 */
export function searched(queries, rounds, search) {
  return Object.entries(queries).map(([name, list]) => {
    const hits = list.reduce((sum, query) => sum + search(query), 0);
    const times = [];
    for (let round = 0; round < rounds; round += 1) {
      for (const query of list) {
        const start = performance.now();
        search(query);
        times.push(performance.now() - start);
      }
    }
    return {
      case: name,
      ms: median(times),
      p95Ms: quantile(times, 0.95),
      facts: { queries: list.length, hits, roundMs: times.reduce((a, b) => a + b, 0) / rounds },
    };
  });
}
