/** Opening the database, and finding a session in it by the beginning of its id. */
import { existsSync } from 'node:fs';
import type { HanClient, SessionOverview } from '@han/client';
import type { Context } from './context.js';
import { exitCode } from './exit-codes.js';
import { CommandFailure } from './failures.js';

/** The client package, loaded when a command needs it: it loads the addon. */
export async function loadClient(): Promise<typeof import('@han/client')> {
  return await import('@han/client');
}

/** The database file that this run uses. */
export async function resolveDbPath(context: Context): Promise<string> {
  const { HanClient } = await loadClient();
  return context.dbPath ?? HanClient.info().defaultDbPath;
}

/**
 * Opens the database for reading what was indexed.
 *
 * @throws CommandFailure `NO_DATABASE` when there is none; nothing is created then.
 */
export async function openExisting(context: Context): Promise<HanClient> {
  const dbPath = await resolveDbPath(context);
  if (!existsSync(dbPath)) {
    throw new CommandFailure(
      exitCode.noDatabase,
      'NO_DATABASE',
      `there is no database at ${dbPath} yet`,
      `index your transcripts first: ${context.program} index`,
    );
  }
  return await openOrCreate(dbPath);
}

/** Opens a database, creating it where needed. */
export async function openOrCreate(dbPath: string): Promise<HanClient> {
  const { HanClient } = await loadClient();
  return HanClient.open({ dbPath });
}

/** Sessions named in the message about an ambiguous id. */
const shownCandidates = 5;

/**
 * The session with this id, or the only one whose id begins so.
 *
 * @throws CommandFailure `SESSION_NOT_FOUND` or `SESSION_AMBIGUOUS`.
 */
export function findSession(client: HanClient, idOrPrefix: string, context: Context): SessionOverview {
  const exact = client.sessions.overview(idOrPrefix);
  if (exact !== null) {
    return exact;
  }
  const ids = idOrPrefix === '' ? [] : client.sessions.find(idOrPrefix, shownCandidates + 1);
  const [id, ...others] = ids;
  const found = id === undefined ? null : client.sessions.overview(id);
  if (found === null) {
    throw new CommandFailure(
      exitCode.nothingFound,
      'SESSION_NOT_FOUND',
      `no session has an id that begins with ${JSON.stringify(idOrPrefix)}`,
      `list the sessions: ${context.program} sessions`,
    );
  }
  if (others.length > 0) {
    const names = ids.slice(0, shownCandidates).join(', ');
    throw new CommandFailure(
      exitCode.usage,
      'SESSION_AMBIGUOUS',
      `several sessions have an id that begins with ${JSON.stringify(idOrPrefix)}: ${names}${ids.length > shownCandidates ? ', …' : ''}`,
      'give more characters of the id',
    );
  }
  return found;
}
