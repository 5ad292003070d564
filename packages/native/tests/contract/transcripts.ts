// Databases and transcripts of the contract tests: each test has its own folder.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { temporaryFolder } from '../processes';

/** The id of the n-th session; also the name of its file. */
export function sessionId(number = 1): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** The id of a line: the session's number in front, the line's behind. */
export function lineId(line: number, session = 1): string {
  return `${String(session).padStart(8, '0')}-0000-4000-8000-${String(line).padStart(12, '0')}`;
}

/** The time of a line: one second after that of the line before. */
export function timeOf(line: number): string {
  return new Date(Date.UTC(2026, 10, 1, 12, 0, line)).toISOString();
}

/** A line that a user or, with an odd number, the assistant wrote. */
export function record(line: number, text = `text ${line}`, session = 1): Record<string, unknown> {
  const role = line % 2 === 0 ? 'user' : 'assistant';
  return {
    type: role,
    uuid: lineId(line, session),
    sessionId: sessionId(session),
    cwd: '/home/ann/ferry',
    timestamp: timeOf(line),
    message: { role, content: role === 'user' ? text : [{ type: 'text', text }] },
  };
}

/** The text of a transcript with `count` lines. */
export function transcript(count: number, session = 1): string {
  const lines = Array.from({ length: count }, (_, line) => JSON.stringify(record(line, undefined, session)));
  return lines.map((line) => `${line}\n`).join('');
}

/** Writes a file, with the folders it needs; returns its path. */
export function write(file: string, content: string | Uint8Array): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

/** A folder with a database path and one project of a config folder. */
export interface Place {
  folder: string;
  dbPath: string;
  configDir: string;
  projectDir: string;
  /** Path of the n-th session's transcript. */
  file(session?: number): string;
}

/** A new place; nothing exists in it yet. */
export function newPlace(): Place {
  const folder = temporaryFolder();
  const configDir = join(folder, 'config');
  const projectDir = join(configDir, 'projects', '-home-ann-ferry');
  return {
    folder,
    dbPath: join(folder, 'data', 'han.db'),
    configDir,
    projectDir,
    file: (session = 1) => join(projectDir, `${sessionId(session)}.jsonl`),
  };
}

/** What a call throws; fails when it throws nothing. */
export function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** An error with this code, in the form that all have. */
export function errorOf(code: string, words = '') {
  const escaped = words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return { code, message: expect.stringMatching(new RegExp(`^\\[${code}\\] .*${escaped}`, 's')) };
}
