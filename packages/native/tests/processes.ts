// Runs scripts in Node processes of their own, since an addon is loaded once per process.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The root of the repository. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** How a process ended. */
export interface Ended {
  /** Exit code, or the signal that ended it. */
  code: number | string;
  stdout: string;
  stderr: string;
}

/**
 * Runs a program to its end. What could lead it to another addon than the test means is not passed on to it: the
 * `HAN_NATIVE_PATH` of our caller, and the `NODE_PATH` with which pnpm starts a command.
 */
export function run(
  command: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
) {
  const { HAN_NATIVE_PATH: _path, NODE_PATH: _nodePath, ...inherited } = process.env;
  const env = { ...inherited, ...options.env };
  const child = spawn(command, args, { cwd: options.cwd ?? root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code: code ?? signal ?? -1, stdout, stderr }));
  });
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'han-native-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
