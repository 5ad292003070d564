/** Text measured, cut and wrapped for a terminal. */
import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Cells that text takes in a terminal; escape sequences take none, CJK characters two. */
export function width(text: string): number {
  return stringWidth(text);
}

/** Text cut to so many cells, with `…` where something was cut off. */
export function cutTo(text: string, cells: number): string {
  if (cells <= 0) {
    return '';
  }
  return stringWidth(text) <= cells ? text : cliTruncate(text, cells);
}

/** Text wrapped to lines of so many cells; words that are longer are broken, indentation is kept. */
export function wrap(text: string, cells: number): string[] {
  const lines = text.replaceAll('\t', '    ').split('\n');
  if (!Number.isFinite(cells)) {
    return lines;
  }
  return lines.flatMap((line) => {
    const [first = '', ...rest] = wrapAnsi(line, Math.max(1, cells), { hard: true, trim: false }).split('\n');
    // The blank at which a line was broken belongs to neither part.
    return [first, ...rest.map((part) => part.replace(/^ /, ''))];
  });
}
