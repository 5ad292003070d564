/** Figures over time: what dashboards show. */
import type { ActivityAggregates, DashboardAggregates } from '@han/native';
import type { Native } from './native.js';
import { type Moment, textOf } from './times.js';

/** Figures of a database over time. Reached as `client.activity`. */
export interface Activity {
  /**
   * What happened after a moment, from all sides: tools, agents, tokens, sessions, compactions, sentiment, hooks. Each
   * reply of a model counts once, and nothing twice that stands in several sessions. Costs the same however many
   * messages there are.
   *
   * @param after - A `Date`, an RFC 3339 text, or a day (`2026-05-01`, UTC), which then counts from its beginning.
   * @throws HanError `INVALID_TIMESTAMP` when `after` is no time.
   *
   * @example
   * ```ts
   * const month = new Date(Date.now() - 30 * 24 * 60 * 60 * 1000);
   * const { toolUsage, dailyCosts } = await client.activity.dashboard(month);
   * ```
   */
  dashboard(after: Moment): Promise<DashboardAggregates>;

  /** As {@link Activity.dashboard}, blocking. */
  dashboardSync(after: Moment): DashboardAggregates;

  /**
   * Messages, sessions, tokens and changed lines after a moment, by day and by hour of the day (UTC).
   *
   * @param after - As for {@link Activity.dashboard}.
   * @throws HanError `INVALID_TIMESTAMP` when `after` is no time.
   *
   * @example
   * ```ts
   * for (const { date, messageCount } of (await client.activity.byDay('2026-05-01')).dailyActivity) {
   *   console.log(date, messageCount);
   * }
   * ```
   */
  byDay(after: Moment): Promise<ActivityAggregates>;

  /** As {@link Activity.byDay}, blocking. */
  byDaySync(after: Moment): ActivityAggregates;
}

/** Makes {@link Activity} over the functions of the addon, for one database. */
export function createActivity(native: Native, dbPath: string): Activity {
  return {
    async dashboard(after) {
      return await native.queryDashboardAggregatesAsync(dbPath, textOf('after', after));
    },
    dashboardSync(after) {
      return native.queryDashboardAggregates(dbPath, textOf('after', after));
    },
    async byDay(after) {
      return await native.queryActivityAggregatesAsync(dbPath, textOf('after', after));
    },
    byDaySync(after) {
      return native.queryActivityAggregates(dbPath, textOf('after', after));
    },
  };
}
