/** Signs of frustration of users. */
import type { FrustrationEvent, FrustrationEventInput, FrustrationMetrics } from '@han/native';
import type { Native } from './native.js';
import type { Period } from './period.js';

/** What {@link Frustration.metrics} counts. */
export interface FrustrationMetricsOptions {
  /** Only signs of this period; all time when not given. */
  period?: Period | undefined;
  /** The number of tasks that rates are by; rates are 0 when it is not above 0. */
  totalTasks: number;
}

/** The signs of frustration of a database. Reached as `client.frustration`. */
export interface Frustration {
  /**
   * Records a sign, seen now.
   *
   * @throws HanError `DB_CONSTRAINT` when the session is unknown.
   *
   * @example
   * ```ts
   * client.frustration.record({ frustrationLevel: 'moderate', frustrationScore: 4, userMessage: 'no, not again!!' });
   * ```
   */
  record(input: FrustrationEventInput): FrustrationEvent;

  /**
   * How many signs there were, by level and by task. Zeros where there were none.
   *
   * @example
   * ```ts
   * const { totalTasks } = client.tasks.metrics({ period: 'week' });
   * console.log(client.frustration.metrics({ period: 'week', totalTasks }).significantFrustrationRate);
   * ```
   */
  metrics(options: FrustrationMetricsOptions): FrustrationMetrics;
}

/** Makes {@link Frustration} over the functions of the addon, for one database. */
export function createFrustration(native: Native, dbPath: string): Frustration {
  return {
    record(input) {
      return native.recordFrustration(dbPath, input);
    },
    metrics({ period, totalTasks }) {
      return native.queryFrustrationMetrics(dbPath, period, totalTasks);
    },
  };
}
