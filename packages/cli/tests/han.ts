/** Runs the real program, in a home of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

/** The script that `han` is. */
export const bin = fileURLToPath(new URL('../bin/han.mjs', import.meta.url));

/** The transcripts that all packages share. */
export const fixtures = fileURLToPath(new URL('../../../crates/testkit/fixtures/', import.meta.url));

/** The configuration folder of the generated transcripts. */
export const generated = join(fixtures, 'generated');

/** A folder that is removed when the tests of the file end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'han-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** How a run of the program ended. */
export interface Result {
  stdout: string;
  stderr: string;
  /** The exit code; `null` when a signal ended the process. */
  exit: number | null;
}

/** A home without a database and without transcripts, and the program run in it. */
export class Home {
  readonly folder = temporaryFolder();
  /** The database that is used when none is named. */
  readonly dbPath = join(this.folder, 'data', 'han.db');

  /** The environment of the program: nothing of the machine's but the search path. */
  environment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      HOME: this.folder,
      HAN_DATA_DIR: join(this.folder, 'data'),
      CLAUDE_CONFIG_DIR: join(this.folder, 'config'),
      TZ: 'UTC',
      ...extra,
    };
  }

  /** Starts the program. */
  start(args: string[], extra: Record<string, string> = {}): ChildProcess {
    return spawn(process.execPath, [bin, ...args], { cwd: this.folder, env: this.environment(extra) });
  }

  /** Runs the program to its end. */
  async han(args: string[], extra: Record<string, string> = {}): Promise<Result> {
    return await resultOf(this.start(args, extra));
  }

  /** Runs the program with `--json` and reads what it prints. */
  async json(args: string[]): Promise<{ exit: number | null; value: unknown }> {
    const { stdout, exit } = await this.han([...args, '--json']);
    return { exit, value: JSON.parse(stdout) };
  }
}

/** Waits for the end of a process. */
export function resultOf(child: ChildProcess): Promise<Result> {
  const result: Result = { stdout: '', stderr: '', exit: null };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    result.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    result.stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exit) => resolve({ ...result, exit }));
  });
}
