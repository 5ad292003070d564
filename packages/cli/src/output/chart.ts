/** Bars of a small chart. */

/** What is left of a cell, in eighths. */
const parts = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/**
 * A bar that fills a part of so many cells, to an eighth of one. Whatever is more than nothing is seen.
 *
 * @param value - What the bar is of.
 * @param largest - What fills all cells.
 */
export function bar(value: number, largest: number, cells: number): string {
  if (!(value > 0) || !(largest > 0) || cells < 1) {
    return '';
  }
  const eighths = Math.max(1, Math.round((Math.min(value, largest) / largest) * cells * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + parts[eighths % 8];
}
