/** What happened in a stretch of time, as `han stats` shows it. */
import type {
  AgentUsage,
  CallFigures,
  DayUsage,
  HanClient,
  ModelUsage,
  ProjectUsage,
  SessionUsage,
  UsageFigures,
} from '@han/client';

/** What a table of `han stats` can be of. */
export const subjects = ['day', 'model', 'project', 'session', 'agent', 'tool'] as const;

/** One of {@link subjects}. */
export type Subject = (typeof subjects)[number];

/** Which time and sessions. */
export interface Scope {
  since: string;
  until?: string;
  project?: string;
  sessionId?: string;
}

/** What happened; of the lists only those that were asked for. This is `period` of `han stats --json`. */
export interface Period extends Scope {
  total: UsageFigures;
  /** Models that cost nothing here because their price is not known. */
  unpricedModels: string[];
  pricesDate: string;
  days?: DayUsage[];
  models?: ModelUsage[];
  projects?: ProjectUsage[];
  sessions?: SessionUsage[];
  /** Usage by agent, of one session. */
  agentUsage?: AgentUsage[];
  calls: CallFigures;
}

/**
 * Asks for what happened.
 *
 * @param by - The only table that is wanted; without it days, models and projects.
 * @param limit - Rows of each table but that of days.
 */
export async function readPeriod(
  client: HanClient,
  scope: Scope,
  prices: { pricesPath?: string },
  { by, limit }: { by: Subject | undefined; limit: number },
): Promise<Period> {
  const filter = { ...scope, ...prices };
  const { sessionId } = scope;
  const wants = (subject: Subject) => by === subject || (by === undefined && subject !== 'session');
  const [models, days, projects, sessions, agents, calls] = await Promise.all([
    client.usage.query({ ...filter, groupBy: 'model', ...(wants('model') ? { limit } : {}) }),
    wants('day') ? client.usage.query({ ...filter, groupBy: 'day' }) : undefined,
    wants('project') ? client.usage.query({ ...filter, groupBy: 'project', limit }) : undefined,
    wants('session') ? client.usage.query({ ...filter, groupBy: 'session', limit }) : undefined,
    wants('agent') && sessionId !== undefined
      ? client.usage.query({ ...filter, groupBy: 'agent', sessionId, limit })
      : undefined,
    client.usage.calls({ ...scope, limit }),
  ]);
  const { total, unpricedModels, pricesDate } = models;
  return {
    ...scope,
    total,
    unpricedModels,
    pricesDate,
    ...(days === undefined ? {} : { days: days.rows }),
    ...(wants('model') ? { models: models.rows } : {}),
    ...(projects === undefined ? {} : { projects: projects.rows }),
    ...(sessions === undefined ? {} : { sessions: sessions.rows }),
    ...(agents === undefined ? {} : { agentUsage: agents.rows }),
    calls,
  };
}
