/** Session ids, shortened to what is enough to name them. */
import { oneLine } from './printable.js';

/** Characters that an id is shortened to. */
const shortLength = 8;

/** The beginning of an id, without half a character at its end. */
export function shortId(id: string, length = shortLength): string {
  return Array.from(oneLine(id)).slice(0, length).join('');
}

/** The beginnings of ids, as long as it takes to tell them from each other. */
export function shortIds(ids: string[]): string[] {
  const longest = Math.max(shortLength, ...ids.map((id) => id.length));
  for (let length = shortLength; length < longest; length += 1) {
    const short = ids.map((id) => shortId(id, length));
    if (new Set(short).size === new Set(ids).size) {
      return short;
    }
  }
  return ids.map(oneLine);
}

/**
 * The shortest beginning of an id that names no other session.
 *
 * @param find - Returns the ids that begin with a text, at most so many.
 */
export function uniqueId(id: string, find: (beginning: string, limit: number) => string[]): string {
  for (let length = shortLength; length < id.length; length += 1) {
    const short = shortId(id, length);
    if (find(short, 2).length === 1) {
      return short;
    }
  }
  return id;
}
