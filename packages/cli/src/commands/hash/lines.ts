/** Lines of checksum files, as sha256sum writes and reads them. */

/** One line of a checksum file. */
export interface Checksum {
  hash: string;
  path: string;
}

/** A line without its end. A path with a line feed, a carriage return or a backslash is escaped. */
export function checksumLine(hash: string, path: string): string {
  return /[\\\n\r]/.test(path) ? `\\${hash}  ${escapePath(path)}` : `${hash}  ${path}`;
}

function escapePath(path: string): string {
  return path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}

/** Reads a line; `undefined` when it is none. */
export function parseChecksumLine(line: string): Checksum | undefined {
  const found = /^(\\?)([0-9a-fA-F]{32,128}) [ *](.+)$/s.exec(line);
  if (found === null) {
    return undefined;
  }
  const [, isEscaped, hash = '', path = ''] = found;
  return { hash: hash.toLowerCase(), path: isEscaped === '\\' ? unescapePath(path) : path };
}

const escapes: Record<string, string> = { '\\\\': '\\', '\\n': '\n', '\\r': '\r' };

function unescapePath(path: string): string {
  return path.replace(/\\[\\nr]/g, (pair) => escapes[pair] ?? pair);
}
