/** One run of the harness: its corpus, its temporary folder, its prepared databases, its child processes. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Skip } from './protocol.mjs';
import { editTree, generateTree, restoreTree } from './tree/generate.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));

/** How a corpus is indexed for the suites that need a filled database. */
const INDEXERS = {
  'better-sqlite3': { script: 'better-sqlite3/index.mjs', settings: { tuned: false } },
  han: { script: 'han/index.mjs', settings: { form: 'async' } },
};

/** Thrown when a contender was ended from the terminal: the whole run ends. */
export class Interrupted extends Error {}

export class Bench {
  #prepared = new Map();
  #tree;
  #temporary;
  #folders = 0;

  constructor({ corpus, file, native, rounds, rescanFiles, files, temporary, archive, newerNode, bun }) {
    this.corpus = corpus;
    this.file = file;
    this.native = native;
    this.rounds = rounds;
    this.rescanFiles = rescanFiles;
    this.files = files;
    this.archive = archive;
    this.newerNode = newerNode;
    this.bun = bun;
    this.#temporary = mkdtempSync(path.join(temporary ?? os.tmpdir(), 'han-peers-'));
  }

  /** A new empty folder below the temporary one. */
  folder(name) {
    const folder = path.join(this.#temporary, `${name}-${this.#folders++}`);
    mkdirSync(folder);
    return folder;
  }

  /** Path of a database that `kind` has filled with `corpus`, made once; throws Skip when it cannot take part. */
  indexed(kind, corpus = this.corpus) {
    const key = `${kind} ${corpus}`;
    if (!this.#prepared.has(key)) {
      const { script, settings } = INDEXERS[kind];
      const databasePath = `${this.folder('indexed')}/han.db`;
      const answer = this.run(script, { native: this.native, corpus, databasePath, ...settings });
      if (answer.failed) throw new Error(`${kind} could not index the corpus: ${answer.failed}`);
      if (answer.skip) throw new Skip(answer.skip, answer.detail);
      this.#prepared.set(key, databasePath);
    }
    return this.#prepared.get(key);
  }

  /** A repository with a work tree, made once, and edited or not. */
  tree({ edited }) {
    this.#tree ??= { ...generateTree(this.folder('tree'), this.files), edited: false };
    if (edited !== this.#tree.edited) (edited ? editTree : restoreTree)(this.#tree);
    this.#tree.edited = edited;
    return this.#tree;
  }

  /**
   * Runs one contender in its own process, of another program than this one where it asks for that: its answer with `processMs`, the time from spawn to exit, or
   * { failed } with what it printed. It sees an empty home; without options it finds the corpus.
   */
  run(script, input, executable = process.execPath) {
    const home = path.join(this.#temporary, 'home');
    const start = performance.now();
    const child = spawnSync(executable, [path.join(HERE, script), JSON.stringify(input)], {
      encoding: 'utf8',
      env: {
        ...process.env,
        HOME: home,
        HAN_DATA_DIR: path.join(home, 'han'),
        CLAUDE_CONFIG_DIR: input.corpus ?? this.corpus,
      },
    });
    const processMs = performance.now() - start;
    if (child.signal === 'SIGINT') throw new Interrupted('interrupted');
    const line = child.stdout.trim().split('\n').at(-1);
    if (child.status !== 0 || line === '') return { failed: child.stderr.trim() || `signal ${child.signal}` };
    return { ...JSON.parse(line), processMs };
  }

  /** Removes a folder that `folder` gave. */
  discard(folder) {
    rmSync(folder, { recursive: true, force: true });
  }

  close() {
    rmSync(this.#temporary, { recursive: true, force: true });
  }
}
