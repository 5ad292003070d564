/** Snippets of search hits with the words that were found. */
import { printable } from './printable.js';

/**
 * The snippet with every highlight painted.
 *
 * @param snippet - Plain text.
 * @param highlights - Flat pairs `[start, end)` in UTF-16 units, rising and not overlapping; others are ignored.
 * @param paint - Puts colour around a highlight.
 */
export function paintSnippet(snippet: string, highlights: number[], paint: (text: string) => string): string {
  let painted = '';
  let done = 0;
  for (let pair = 0; pair + 1 < highlights.length; pair += 2) {
    const start = highlights[pair] ?? 0;
    const end = highlights[pair + 1] ?? 0;
    if (start < done || end <= start || end > snippet.length) {
      continue;
    }
    painted += printable(snippet.slice(done, start));
    painted += paint(printable(snippet.slice(start, end)));
    done = end;
  }
  return painted + printable(snippet.slice(done));
}
