/** Totals of the whole database, as tables. */
import type { ArchiveStats } from '@han/client';
import type { Context } from '../../context.js';
import { oneLine } from '../../output/printable.js';
import { drawTable } from '../../output/table.js';
import { bytes, count, localTime } from '../../output/units.js';

/** The tables, each as one text. */
export function archiveTables(stats: ArchiveStats, { cells, colors }: Context): string[] {
  const table = (head: string, rows: string[][]) =>
    drawTable(
      [
        { head, shrinksTo: 12 },
        { head: '', align: 'right' },
      ],
      rows,
      cells,
      colors.bold,
    );
  const types = stats.rowsByType.map(({ messageType, count: rows }) => [oneLine(messageType), count(rows)]);
  return [table('ARCHIVE', totals(stats)), ...(types.length > 0 ? [table('ROWS BY TYPE', types)] : [])];
}

function totals(stats: ArchiveStats): string[][] {
  const share =
    stats.sourceBytes > 0 ? ` (${Math.round((stats.databaseBytes / stats.sourceBytes) * 100)}%)` : '';
  return [
    ['transcript files', count(stats.files)],
    ...(stats.missingFiles > 0 ? [['of these gone, their sessions kept', count(stats.missingFiles)]] : []),
    ['size of the transcripts', bytes(stats.sourceBytes)],
    ['size of the database', `${bytes(stats.databaseBytes)}${share}`],
    ['repositories', count(stats.repos)],
    ['projects', count(stats.projects)],
    ['sessions', count(stats.sessions)],
    ['agents', count(stats.agents)],
    ['messages of users and assistants', count(stats.conversationMessages)],
    ['rows of all types', count(stats.messages)],
    ['broken lines', count(stats.brokenLines)],
    ['replies of models', count(stats.apiReplies)],
    ['tokens written', count(stats.outputTokens)],
    ...(stats.firstMessageAt === undefined ? [] : [['first message', localTime(stats.firstMessageAt)]]),
    ...(stats.lastMessageAt === undefined ? [] : [['last message', localTime(stats.lastMessageAt)]]),
  ];
}
