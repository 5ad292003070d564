// Whether something that was built is still what its sources say.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** Every regular file at or below `place`, sorted by path; an absent place has none. */
export function filesBelow(place) {
  const stat = fs.statSync(place, { throwIfNoEntry: false });
  if (!stat) return [];
  if (!stat.isDirectory()) return [place];
  return fs
    .readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/**
 * One hash over names and bytes of files.
 *
 * @param {string} base names are taken relative to this folder, so that a moved clone keeps its fingerprint
 * @param {string[]} places files and folders
 * @param {string[]} [words] anything else the result depends on, such as a version
 */
export function fingerprint(base, places, words = []) {
  const hash = createHash('sha256').update(JSON.stringify(words));
  for (const file of places.flatMap(filesBelow)) {
    const bytes = fs.readFileSync(file);
    hash.update(`\0${path.relative(base, file)}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

/** True where the stamp file holds this fingerprint. */
export function isStamped(stamp, value) {
  return fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === value;
}

/** Writes the fingerprint into the stamp file. */
export function writeStamp(stamp, value) {
  fs.mkdirSync(path.dirname(stamp), { recursive: true });
  fs.writeFileSync(stamp, value);
}
