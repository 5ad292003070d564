/** What transcripts lie below a configuration folder, seen from outside: names and sizes only. */
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What was found below one configuration folder. */
export interface TranscriptCount {
  /** Files that end in `.jsonl` below `projects`. */
  files: number;
  /** Their size. */
  bytes: number;
  /** Folders and files that could not be looked at, with the reason. */
  unreadable: string[];
  /** Whether the folder `projects` is there. */
  hasProjects: boolean;
}

/**
 * Counts transcripts.
 *
 * @param configDir - A configuration folder such as `~/.claude`.
 * @param atMost - Stop after so many files.
 */
export async function countTranscripts(
  configDir: string,
  atMost = Number.POSITIVE_INFINITY,
): Promise<TranscriptCount> {
  const found: TranscriptCount = { files: 0, bytes: 0, unreadable: [], hasProjects: true };
  const projects = join(configDir, 'projects');
  const folders = [projects];
  for (let folder = folders.pop(); folder !== undefined && found.files < atMost; folder = folders.pop()) {
    let entries: Dirent[];
    try {
      entries = await readdir(folder, { withFileTypes: true });
    } catch (error) {
      if (folder === projects && isMissing(error)) {
        return { ...found, hasProjects: false };
      }
      found.unreadable.push(reason(error));
      continue;
    }
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        folders.push(path);
      } else if (entry.isFile() && entry.name.endsWith('.jsonl')) {
        await countFile(path, found);
      }
    }
  }
  return found;
}

async function countFile(path: string, found: TranscriptCount): Promise<void> {
  try {
    const { size } = await stat(path);
    found.files += 1;
    found.bytes += size;
  } catch (error) {
    // A file that went away meanwhile is no problem of anybody.
    if (!isMissing(error)) {
      found.unreadable.push(reason(error));
    }
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
