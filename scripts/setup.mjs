#!/usr/bin/env node
// Makes a fresh clone ready: checks the toolchains and installs the JavaScript dependencies.
// `npm start` and `npm test` call it; with nothing to do it takes a few milliseconds of work.
import fs from 'node:fs';
import path from 'node:path';
import { fingerprint, isStamped, writeStamp } from './fingerprint.mjs';
import { CommandError, environment, isStarted, root, run, stop } from './process.mjs';

const PNPM = '12.21.0';
const NODE_MAJOR = 20;
const STAMP = path.join(root, 'node_modules', '.han-setup');

/** Compares `1.95.0` with `1.89` number by number. */
function isAtLeast(version, minimum) {
  const [have, need] = [version, minimum].map((text) => text.split('.').map(Number));
  for (const [index, number] of need.entries()) {
    if ((have[index] ?? 0) !== number) return (have[index] ?? 0) > number;
  }
  return true;
}

/** The oldest Rust that builds the workspace, as `Cargo.toml` says. */
function minimumRust() {
  const manifest = fs.readFileSync(path.join(root, 'Cargo.toml'), 'utf8');
  return /^rust-version = "([\d.]+)"/m.exec(manifest)[1];
}

/** Each check gives a line of what was found, or throws one that says what to install. */
const checks = [
  function node() {
    if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR) {
      throw new CommandError(
        `Node ${NODE_MAJOR} or newer is needed, this is ${process.versions.node}: install it from https://nodejs.org`,
      );
    }
    return `node ${process.versions.node}`;
  },
  async function rust() {
    const needed = minimumRust();
    const install = `install it from https://rustup.rs, or run \`rustup update\``;
    let version;
    try {
      version = /\d+\.\d+\.\d+/.exec(await run('cargo', ['--version'], { output: 'catch' }))[0];
    } catch {
      throw new CommandError(`Rust ${needed} or newer is needed, and \`cargo\` was not found: ${install}`);
    }
    if (!isAtLeast(version, needed)) {
      throw new CommandError(`Rust ${needed} or newer is needed, this is ${version}: ${install}`);
    }
    return `cargo ${version}`;
  },
  async function compiler() {
    if (process.platform === 'win32') {
      const vswhere = path.join(
        environment['ProgramFiles(x86)'] ?? 'C:\\Program Files (x86)',
        'Microsoft Visual Studio/Installer/vswhere.exe',
      );
      if (fs.existsSync(vswhere)) return 'Visual Studio';
      throw new CommandError(
        'A C compiler is needed: install the Visual Studio Build Tools with "Desktop development with C++"',
      );
    }
    const compiler = environment.CC ?? 'cc';
    try {
      // A compiler without the C library's headers is no use either, so a program with one is parsed.
      const input = '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n';
      await run(compiler, ['-x', 'c', '-fsyntax-only', '-'], { output: 'catch', input });
    } catch {
      const remedy =
        process.platform === 'darwin' ? 'xcode-select --install' : 'apt-get install build-essential';
      throw new CommandError(
        `A C compiler with headers is needed, and \`${compiler}\` failed: run \`${remedy}\` or what your system has for it`,
      );
    }
    return compiler;
  },
];

/** Checks the toolchains; all that is missing is told at once, one line each. */
async function checkToolchains() {
  const found = await Promise.allSettled(checks.map(async (check) => await check()));
  const missing = found
    .filter((result) => result.status === 'rejected')
    .map((result) => result.reason.message);
  if (missing.length > 0) throw new CommandError(missing.join('\n'));
  return found.map((result) => result.value);
}

/** Everything that decides what an installation looks like. */
function installation() {
  const manifests = ['packages', 'npm'].flatMap((group) => {
    const folder = path.join(root, group);
    return fs.existsSync(folder)
      ? fs.readdirSync(folder).map((name) => path.join(folder, name, 'package.json'))
      : [];
  });
  const places = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc'].map((name) =>
    path.join(root, name),
  );
  return fingerprint(root, [...places, ...manifests.sort()], [PNPM, process.platform, process.arch]);
}

/** npx of the npm that started us, else of this Node, else the one on the path. */
function npx() {
  const beside = [
    process.env.npm_execpath && path.join(path.dirname(process.env.npm_execpath), 'npx-cli.js'),
    path.join(path.dirname(process.execPath), 'node_modules/npm/bin/npx-cli.js'),
    path.join(path.dirname(process.execPath), '../lib/node_modules/npm/bin/npx-cli.js'),
  ].find((file) => file && fs.existsSync(file));
  return beside
    ? { command: process.execPath, first: [beside], shell: false }
    : { command: 'npx', first: [], shell: process.platform === 'win32' };
}

/**
 * Makes the clone ready to build.
 *
 * @throws {CommandError} with one line for each toolchain that is missing, or with what pnpm wrote
 */
export async function setup() {
  const tools = await checkToolchains();
  const wanted = installation();
  if (isStamped(STAMP, wanted)) {
    console.log(`setup: ${tools.join(', ')}; JavaScript dependencies are up to date`);
    return;
  }
  console.log(`setup: ${tools.join(', ')}; installing JavaScript dependencies with pnpm ${PNPM}`);
  const { command, first, shell } = npx();
  // On success pnpm's notes about engines of optional packages are noise; on failure all of it is shown.
  await run(command, [...first, '--yes', `pnpm@${PNPM}`, 'install', '--frozen-lockfile'], {
    output: 'catch',
    shell,
  });
  writeStamp(STAMP, wanted);
}

if (isStarted(import.meta.url)) await setup().catch(stop);
