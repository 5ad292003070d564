/**
 * The file that keeps a manifest: JSON, one file of the tree per line, so that it can be read, compared and kept in a
 * repository. docs/hash.md describes it.
 */
import { rename, rm, writeFile } from 'node:fs/promises';
import { exitCode } from '../../exit-codes.js';
import { CommandFailure } from '../../failures.js';
import { readText } from '../../text-input.js';

/** What is kept. */
export interface KeptManifest {
  /** Which files it is about. */
  patterns: string[];
  /** SHA-256 by path. */
  files: Record<string, string>;
}

const format = 'han-manifest';
const version = 1;

/** Writes a manifest, whole or not at all. */
export async function writeManifestFile(file: string, { patterns, files }: KeptManifest): Promise<void> {
  const beside = `${file}.${process.pid}.tmp`;
  const content = { format, version, algorithm: 'sha256', patterns, files };
  try {
    // What lies there was left by a process of the same number; a link would lead elsewhere.
    await rm(beside, { force: true });
    await writeFile(beside, `${JSON.stringify(content, null, 2)}\n`, { flag: 'wx' });
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw new CommandFailure(
      exitCode.failure,
      'FILE_UNWRITABLE',
      `write ${file}: ${(error as Error).message}`,
      'name another place with --file',
    );
  }
}

/**
 * Reads a manifest.
 *
 * @throws CommandFailure `MANIFEST_INVALID`, and as `readText`.
 */
export async function readManifestFile(file: string): Promise<KeptManifest> {
  const text = await readText(file, { FILE_NOT_FOUND: 'make it with: han manifest write' });
  const kept = parse(text);
  if (kept === undefined) {
    throw new CommandFailure(
      exitCode.failure,
      'MANIFEST_INVALID',
      `read ${file}: it is no manifest of version ${version}`,
      'make it anew with: han manifest write',
    );
  }
  return kept;
}

function parse(text: string): KeptManifest | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(content) || content['format'] !== format || content['version'] !== version) {
    return undefined;
  }
  const { patterns, files } = content;
  const isWhole =
    Array.isArray(patterns) &&
    patterns.every((pattern) => typeof pattern === 'string') &&
    isRecord(files) &&
    Object.values(files).every((hash) => typeof hash === 'string');
  return isWhole ? { patterns, files: files as Record<string, string> } : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
