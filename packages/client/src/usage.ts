/** What models used and cost, and what agents did. */
import type { CallFigures, UsageOptions, UsageReport, UsageRow } from '@han/native';
import type { Native } from './native.js';
import { type Moment, type TimeRange, withTexts } from './times.js';

/** What usage can be added up by. */
export type UsageGroup = 'day' | 'model' | 'project' | 'session' | 'agent';

/** Tokens, requests and cost: what every row of {@link Usage.query} has, and the total. */
export type UsageFigures = Omit<
  UsageRow,
  'date' | 'model' | 'projectId' | 'projectName' | 'projectPath' | 'sessionId' | 'sessionTitle' | 'agentId'
>;

/** Usage of a day. */
export interface DayUsage extends UsageFigures {
  /** `YYYY-MM-DD` (UTC). */
  date: string;
}

/** Usage of a model. */
export interface ModelUsage extends UsageFigures {
  /** The model; absent where lines name none. */
  model?: string;
}

/** Usage of a project; of all sessions without one together, without the names. */
export interface ProjectUsage extends UsageFigures {
  projectId?: string;
  projectName?: string;
  /** Its folder. */
  projectPath?: string;
}

/** Usage of a session: of the replies that it booked first. */
export interface SessionUsage extends ProjectUsage {
  sessionId: string;
  /** Its title, else the beginning of its first prompt. */
  sessionTitle?: string;
}

/** Usage of an agent. */
export interface AgentUsage extends UsageFigures {
  /** The agent; absent for the main conversation. */
  agentId?: string;
}

/** The row of each group. */
export interface UsageRows {
  day: DayUsage;
  model: ModelUsage;
  project: ProjectUsage;
  session: SessionUsage;
  agent: AgentUsage;
}

/** The answer of {@link Usage.query}. */
export interface UsageReportBy<Group extends UsageGroup> extends Omit<UsageReport, 'rows' | 'total'> {
  /** Days in their order; everything else by cost, the largest first. */
  rows: UsageRows[Group][];
  /** Everything together, whatever the limit. */
  total: UsageFigures;
}

/** What {@link Usage.query} takes. */
export interface UsageQueryOptions<Group extends UsageGroup = UsageGroup>
  extends Omit<UsageOptions, 'groupBy' | 'since' | 'until' | 'sessionId'>,
    TimeRange {
  /** What usage is added up by; `day` when not given. */
  groupBy?: Group;
  /** Only this session. Must be given for `agent`. */
  sessionId?: Group extends 'agent' ? string : string | undefined;
}

/** What {@link Usage.calls} takes. */
export interface CallFiguresQuery {
  /** Only what was called at this moment or later. */
  since?: Moment | undefined;
  /** Only what was called before this moment. */
  until?: Moment | undefined;
  /** Only sessions of this project: its id, slug, path or name. */
  project?: string;
  /** Only this session, with all that stands in it. */
  sessionId?: string;
  /** At most so many tools and files; 100 when not given. */
  limit?: number;
}

/** What models used and cost, and what agents did. Reached as `client.usage`. */
export interface Usage {
  /**
   * Tokens and their cost by day, model, project, session or agent. Each reply of a model counts once, however many
   * lines and files repeat it. Costs the same however many messages there are, and `since` and `until` are exact.
   *
   * Prices are those that come with the addon; `pricesPath` names a file whose prices go before them. A model without a
   * price costs nothing, and is listed in `unpricedModels`.
   *
   * @throws HanError `INVALID_ARGUMENT`, `INVALID_TIMESTAMP`; `PRICES_INVALID`, with the line, or `FILE_NOT_FOUND` and
   *   others for `pricesPath`.
   *
   * @example
   * ```ts
   * const week = new Date(Date.now() - 7 * 24 * 60 * 60 * 1000);
   * const { rows, total } = await client.usage.query({ groupBy: 'model', since: week });
   * for (const { model, costDollars } of rows) console.log(model, costDollars.toFixed(2));
   * console.log(total.outputTokens);
   * ```
   */
  query<Group extends UsageGroup = 'day'>(options?: UsageQueryOptions<Group>): Promise<UsageReportBy<Group>>;

  /** As {@link Usage.query}, blocking. */
  querySync<Group extends UsageGroup = 'day'>(options?: UsageQueryOptions<Group>): UsageReportBy<Group>;

  /**
   * Tools with their errors, agents that were started, files that were changed, lines, compactions. Nothing counts
   * twice that stands in several sessions; of one session everything counts that stands in it.
   *
   * @throws HanError `INVALID_ARGUMENT`, `INVALID_TIMESTAMP`.
   *
   * @example
   * ```ts
   * const { tools, files } = await client.usage.calls({ since: '2026-11-01T00:00:00Z', limit: 10 });
   * for (const { name, callCount, errorCount } of tools) console.log(name, callCount, errorCount);
   * ```
   */
  calls(options?: CallFiguresQuery): Promise<CallFigures>;

  /** As {@link Usage.calls}, blocking. */
  callsSync(options?: CallFiguresQuery): CallFigures;
}

/** Makes {@link Usage} over the functions of the addon, for one database. */
export function createUsage(native: Native, dbPath: string): Usage {
  return {
    async query<Group extends UsageGroup>(options: UsageQueryOptions<Group> = {}) {
      return reportBy<Group>(await native.queryUsageAsync(dbPath, withTexts(options)));
    },
    querySync<Group extends UsageGroup>(options: UsageQueryOptions<Group> = {}) {
      return reportBy<Group>(native.queryUsage(dbPath, withTexts(options)));
    },
    async calls(options = {}) {
      return await native.queryCallFiguresAsync(dbPath, withTexts(options));
    },
    callsSync(options = {}) {
      return native.queryCallFigures(dbPath, withTexts(options));
    },
  };
}

/** The addon has one record for all groups: which of its fields are there follows from the group. */
function reportBy<Group extends UsageGroup>(report: UsageReport): UsageReportBy<Group> {
  return report as UsageReportBy<Group>;
}
