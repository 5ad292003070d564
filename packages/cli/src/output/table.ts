/** Tables without lines, as wide as the terminal. */
import CliTable from 'cli-table3';
import { cutTo, width } from './text.js';

/** One column of a table. */
export interface Column {
  /** The heading. */
  head: string;
  /** Numbers stand at the right; `left` when not given. */
  align?: 'left' | 'right';
  /** A column that may be cut when the table is too wide, and how far: its least width in cells. */
  shrinksTo?: number;
}

const gap = 2;

/** Lines of a table that has no frame at all. */
const frameless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' '.repeat(gap),
};

/**
 * Draws a table.
 *
 * @param columns - What stands above each column, and how it behaves when space is short.
 * @param rows - Printable cells on one line each, without colour.
 * @param cells - The width to keep to; `Infinity` for no limit.
 * @param paintHead - Puts colour around a heading.
 */
export function drawTable(
  columns: Column[],
  rows: string[][],
  cells: number,
  paintHead: (text: string) => string = (text) => text,
): string {
  const widths = columnWidths(columns, rows, cells);
  const cut = (text: string, index: number) => cutTo(text, widths[index] ?? 0);
  const table = new CliTable({
    chars: frameless,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
    colWidths: widths,
    colAligns: columns.map(({ align = 'left' }) => align),
    head: columns.map(({ head }, index) => paintHead(cut(head, index))),
  });
  table.push(...rows.map((row) => row.map(cut)));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** What every column gets: what it wants, less what is missing, taken from those that shrink, the widest first. */
export function columnWidths(columns: Column[], rows: string[][], cells: number): number[] {
  const widths = columns.map(({ head }, index) =>
    rows.reduce((widest, row) => Math.max(widest, width(row[index] ?? '')), width(head)),
  );
  let excess = widths.reduce((sum, each) => sum + each, gap * (columns.length - 1)) - cells;
  while (excess > 0) {
    const slack = columns.map(({ shrinksTo = Number.POSITIVE_INFINITY }, index) => ({
      index,
      width: widths[index] ?? 0,
      left: (widths[index] ?? 0) - shrinksTo,
    }));
    const [widest, next] = slack.filter(({ left }) => left > 0).sort((a, b) => b.width - a.width);
    if (!widest) {
      break;
    }
    const down = Math.min(excess, widest.left, Math.max(1, widest.width - (next?.width ?? 0)));
    widths[widest.index] = widest.width - down;
    excess -= down;
  }
  return widths;
}
