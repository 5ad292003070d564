/** Sessions as a table. */
import type { SessionOverview } from '@han/client';
import type { Colors } from './color.js';
import { oneLine } from './printable.js';
import { shortIds } from './session-id.js';
import { type Column, drawTable } from './table.js';
import { count, localTime } from './units.js';

const columns: Column[] = [
  { head: 'SESSION' },
  { head: 'LAST ACTIVITY' },
  { head: 'PROJECT', shrinksTo: 8 },
  { head: 'MESSAGES', align: 'right' },
  { head: 'TITLE', shrinksTo: 12 },
];

/** What a session is called: its title, else how it began. */
export function sessionTitle({ title, firstPrompt }: SessionOverview): string {
  return oneLine(title ?? firstPrompt ?? '') || '(no prompt)';
}

/** Draws the table. Ids are shortened where the width is limited. */
export function sessionsTable(sessions: SessionOverview[], cells: number, colors: Colors): string {
  const ids = sessions.map(({ id }) => id);
  const shown = Number.isFinite(cells) ? shortIds(ids) : ids.map(oneLine);
  const rows = sessions.map((session, index) => [
    shown[index] ?? '',
    localTime(session.endedAt),
    oneLine(session.projectName ?? ''),
    count(session.messageCount),
    `${sessionTitle(session)}${session.isSourceMissing ? ' (source gone)' : ''}`,
  ]);
  return drawTable(columns, rows, cells, colors.bold);
}
