/** Numbers of lines, as `wc -l` prints them. */
import { printable } from './printable.js';

/** One number and what it is of. */
export interface Counted {
  name: string;
  count: number;
}

/**
 * One input: its number alone. Several: a line for each, and their total.
 *
 * @param inputs - How many there were, those that failed included.
 */
export function countLines(counts: Counted[], inputs: number): string[] {
  if (inputs === 1) {
    return counts.map(({ count }) => String(count));
  }
  const total = { name: 'total', count: totalOf(counts) };
  const width = String(total.count).length;
  return [...counts, total].map(({ name, count }) => `${String(count).padStart(width)} ${printable(name)}`);
}

/** The sum of numbers. */
export function totalOf(counts: Counted[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}
