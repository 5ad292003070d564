/** A work tree of any size with a history: the same for the same number of files, wherever and whenever it is made. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';

const COMMITS = 300;
const CHANGED_PER_COMMIT = 20;
const MODULES = 10_000;
const IGNORED_PACKAGES = 2_400;
const IGNORED_PER_PACKAGE = 5;
const BEGINNING = 1_700_000_000;

/** What git ignores stands in a file of the repository, which fd and rg read too, and is passed to peers that do not. */
export const IGNORED = ['node_modules/', '*.log'];

/** Runs git in a folder without the settings of this machine; its output. */
export function git(folder, args, options = {}) {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', LC_ALL: 'C' };
  const child = spawnSync('git', args, { cwd: folder, env, maxBuffer: 2 ** 30, ...options });
  if (child.error) throw child.error;
  if (child.status !== 0) throw new Error(`git ${args[0]} ended with ${child.status}: ${child.stderr}`);
  return String(child.stdout);
}

/** Where the file with this number lies: each module has two folders. */
function pathOf(number) {
  const folder = number % (2 * MODULES);
  const module = folder >> 1;
  const digits = (value, count) => String(value).padStart(count, '0');
  const name = `packages/p${digits(module % 100, 3)}/src/m${digits(Math.floor(module / 100), 3)}`;
  return `${name}${folder & 1 ? '/lib' : ''}/file-${digits(Math.floor(number / (2 * MODULES)), 2)}.ts`;
}

function contentOf(number, version) {
  const lines = [`// file ${number}, version ${version}`];
  const count = 4 + ((number * 7919) % 40);
  for (let line = 0; line < count; line += 1)
    lines.push(`export const v${line} = ${(number * 31 + line) % 9973};`);
  return `${lines.join('\n')}\n`;
}

/** Makes the repository: { root, files, folders, ignored, commits }. `files` is the number of those that git tracks. */
export function generateTree(folder, files) {
  const root = path.join(folder, 'project');
  mkdirSync(root);
  git(root, ['init', '--quiet', '--initial-branch=main']);
  git(root, ['remote', 'add', 'origin', 'https://example.com/team/project.git']);
  writeFileSync(path.join(root, '.git/info/exclude'), `${IGNORED.join('\n')}\n`);
  importHistory(folder, root, files);
  git(root, ['reset', '--quiet', '--hard']);
  for (const name of ['second', 'third']) {
    git(root, ['worktree', 'add', '--quiet', '--no-checkout', '-b', name, path.join(folder, name)]);
  }
  let folders = 2 * MODULES + 201;
  for (let number = 0; number < IGNORED_PACKAGES; number += 1) {
    const inner = path.join(root, 'node_modules', `package-${number}`);
    mkdirSync(path.join(inner, 'dist'), { recursive: true });
    folders += 2;
    for (let file = 0; file < IGNORED_PER_PACKAGE; file += 1) {
      writeFileSync(
        path.join(inner, file === 0 ? 'package.json' : `dist/${file}.js`),
        contentOf(number, file),
      );
    }
  }
  return {
    root,
    files,
    folders: folders + 1,
    ignored: IGNORED_PACKAGES * IGNORED_PER_PACKAGE,
    commits: COMMITS,
  };
}

/** Every file in the first commit, a few of them changed in each later one. */
function importHistory(folder, root, files) {
  const script = path.join(folder, 'history');
  const output = openSync(script, 'w');
  let pending = [];
  const put = (text) => {
    pending.push(text);
    if (pending.length > 2000) flush();
  };
  const flush = () => {
    writeSync(output, pending.join(''));
    pending = [];
  };
  const change = (number, version) => {
    const content = contentOf(number, version);
    put(`M 100644 inline ${pathOf(number)}\ndata ${Buffer.byteLength(content)}\n${content}\n`);
  };
  for (let commit = 0; commit < COMMITS; commit += 1) {
    const message = `change ${commit}`;
    const person = `Someone <someone@example.com> ${BEGINNING + commit * 3600} +0000`;
    put(
      `commit refs/heads/main\nauthor ${person}\ncommitter ${person}\ndata ${message.length}\n${message}\n`,
    );
    if (commit === 0) for (let number = 0; number < files; number += 1) change(number, 0);
    else for (let at = 0; at < CHANGED_PER_COMMIT; at += 1) change((commit * 997 + at * 131) % files, commit);
  }
  flush();
  closeSync(output);
  const input = openSync(script, 'r');
  git(root, ['fast-import', '--quiet'], { stdio: [input, 'pipe', 'pipe'] });
  closeSync(input);
  rmSync(script);
}

/** Changes some files of the work tree: 30 edited, 10 deleted, 5 staged, and 20 that git does not know. */
export function editTree({ root, files }) {
  const place = (number) => path.join(root, pathOf((number * 389) % files));
  for (let number = 0; number < 30; number += 1) writeFileSync(place(number), `edited ${number}\n`);
  for (let number = 30; number < 40; number += 1) unlinkSync(place(number));
  for (let number = 40; number < 45; number += 1) {
    writeFileSync(place(number), `staged ${number}\n`);
    git(root, ['add', place(number)]);
  }
  for (let number = 0; number < 20; number += 1) {
    const folder = path.join(root, 'packages', `p${String(number).padStart(3, '0')}`, 'new');
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'file.ts'), `new ${number}\n`);
  }
}

/** Takes all of that back. */
export function restoreTree({ root }) {
  git(root, ['reset', '--quiet', '--hard']);
  git(root, ['clean', '--quiet', '--force', '-d']);
}
