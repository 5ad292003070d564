// Starting other programs: found where they really are, without a shell, with an error that names the command.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** The environment for programs we start: with cargo's folder on the path, also where a shell has not put it there. */
export const environment = { ...process.env };
// A production setting would leave out the tools that build and test.
delete environment.NODE_ENV;
const pathKey = Object.keys(environment).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
const cargoHome = environment.CARGO_HOME ?? path.join(os.homedir(), '.cargo');
environment[pathKey] = [environment[pathKey] ?? '', path.join(cargoHome, 'bin')].join(path.delimiter);

/** A program that could not be started or ended with another code than 0. */
export class CommandError extends Error {
  /**
   * @param {string} message what was run and how it ended
   * @param {string} output what it wrote, where it was caught
   */
  constructor(message, output = '') {
    super(message);
    this.name = 'CommandError';
    this.output = output;
  }
}

/**
 * Runs a program to its end.
 *
 * @param {string} command the program
 * @param {string[]} args its arguments
 * @param {object} [options]
 * @param {string} [options.cwd] where it runs; default the root of the repository
 * @param {'show' | 'catch' | 'both'} [options.output] its output goes to ours (default), is caught, or both
 * @param {string} [options.input] what it reads from stdin; default nothing
 * @param {boolean} [options.shell] through the system's shell (for `.cmd` files on Windows); default false
 * @returns {Promise<string>} what it wrote to stdout, where that is caught
 * @throws {CommandError} when it cannot be started or fails; with the caught stdout, then stderr
 */
export function run(command, args, { cwd = root, output = 'show', input, shell = false } = {}) {
  const streams = output === 'show' ? 'inherit' : 'pipe';
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      shell,
      env: environment,
      stdio: [input === undefined ? 'ignore' : 'pipe', streams, streams],
      windowsHide: true,
    });
    const caught = { stdout: [], stderr: [] };
    for (const name of ['stdout', 'stderr']) {
      child[name]?.on('data', (chunk) => {
        caught[name].push(chunk);
        if (output === 'both') process[name].write(chunk);
      });
    }
    // A program that ends without reading its input breaks the pipe; its exit code tells the story.
    child.stdin?.on('error', () => child.stdin.destroy());
    child.stdin?.end(input);
    const text = (...chunks) => Buffer.concat(chunks.flat()).toString('utf8');
    const named = [path.basename(command), ...args].join(' ');
    child.on('error', (error) => reject(new CommandError(`${named} could not be started: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (code === 0) resolve(text(caught.stdout));
      else
        reject(
          new CommandError(
            `${named} ended with ${signal ?? `exit code ${code}`}`,
            text(caught.stdout, caught.stderr),
          ),
        );
    });
  });
}

/**
 * Runs the command line of an npm package from the workspace's own `node_modules`, with this Node.
 *
 * @param {string} name the package, for instance `vitest`
 * @param {string[]} args arguments of its command
 * @param {Parameters<typeof run>[2]} [options] as for {@link run}
 */
export function runTool(name, args, options) {
  const manifestPath = createRequire(path.join(root, 'package.json')).resolve(`${name}/package.json`);
  const { bin } = JSON.parse(fs.readFileSync(manifestPath, 'utf8'));
  const script = typeof bin === 'string' ? bin : (bin[name.split('/').at(-1)] ?? Object.values(bin)[0]);
  return run(process.execPath, [path.join(path.dirname(manifestPath), script), ...args], options);
}

/** Runs a script of this folder with this Node. */
export function runScript(name, args = [], options = {}) {
  return run(process.execPath, [path.join(root, 'scripts', name), ...args], options);
}

/** True where the script at `url` was started by a person, false where another script imports it. */
export function isStarted(url) {
  return process.argv[1] !== undefined && fs.realpathSync(process.argv[1]) === fileURLToPath(url);
}

/** Ends this process with the message of `error`, its caught output first, and exit code 1. */
export function stop(error) {
  if (error.output) console.error(error.output.trimEnd());
  console.error(error instanceof CommandError ? error.message : error.stack);
  process.exit(1);
}
