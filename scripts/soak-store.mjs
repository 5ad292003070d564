#!/usr/bin/env node
// Many processes on one database, for as long as it is told: half of them write, half of them read. No call may fail,
// nothing that was stored may be lost, and nothing may be stored or handed out twice.
//
//   node scripts/soak-store.mjs                              16 processes for a minute
//   node scripts/soak-store.mjs --seconds 5 --processes 8
//   node scripts/soak-store.mjs --kill                       and writers are killed at random
//   node scripts/soak-store.mjs --db /mnt/share/han.db       on another file system; must not exist
//
// Prints a summary as JSON, and exits with 1 on any violation. Needs the addon (`npm run build`).
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const native = createRequire(import.meta.url)('../packages/native/index.js');

/** Messages of one batch: all of them are stored, or none. */
const BATCH = 5;
/** The session whose queue all writers fill and empty. */
const QUEUE = 'queue';
/** Milliseconds between two kills. */
const KILL_EVERY = 400;
/** Files that a writer validates again and again. */
const FILES = 10;

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    processes: { type: 'string', default: '16' },
    kill: { type: 'boolean', default: false },
    db: { type: 'string' },
    worker: { type: 'string' },
    id: { type: 'string' },
    end: { type: 'string' },
  },
});

const workers = { write, read };
if (options.worker) workers[options.worker](options.db, options.id, Number(options.end));
else await supervise();

/** Tells the supervisor what is done; written at once, so that a kill takes nothing of it. */
function tell(kind, value) {
  fs.writeSync(1, `${JSON.stringify([kind, value])}\n`);
}

function message(id, number) {
  const content = `word ${id} number ${number}`;
  const timestamp = new Date(1_780_000_000_000 + number * 1000).toISOString();
  return { id, messageType: number % 2 ? 'user' : 'assistant', content, timestamp, lineNumber: number };
}

/** Writes everything there is to write, one call after the other, and tells what was answered. */
function write(db, id, end) {
  native.upsertSession(db, { id });
  for (let round = 0; Date.now() < end; round += 1) {
    const batch = Array.from({ length: BATCH }, (_, index) => round * BATCH + index);
    tell('begin', round);
    native.insertMessagesBatch(
      db,
      id,
      batch.map((number) => message(`${id}-${number}`, number)),
    );
    tell('batch', round);
    const hook = {
      sessionId: QUEUE,
      cwd: '/',
      plugin: 'soak',
      hookName: `${id}-${round}`,
      filePaths: ['a'],
      command: 'run',
    };
    native.enqueueAsyncHook(db, hook);
    tell('queued', hook.hookName);
    for (const { hookName } of native.drainAsyncHookQueue(db, QUEUE)) tell('taken', hookName);
    native.createTask(db, { taskId: `${id}-${round}`, description: 'soak', taskType: 'soak' });
    native.completeTask(db, { taskId: `${id}-${round}`, outcome: 'success', confidence: 1 });
    tell('task', round);
    const place = { sessionId: id, pluginName: 'soak', hookName: 'check', directory: '/' };
    const fileHash = String(round);
    native.recordFileValidation(db, { ...place, filePath: `f${round % FILES}`, fileHash, commandHash: 'c' });
    tell('validated', round);
  }
  tell('end', id);
}

/** Reads: in one snapshot the counters equal the rows, and nothing ever becomes less. */
function read(db, id, end) {
  let before = 0;
  let rounds = 0;
  for (; Date.now() < end; rounds += 1) {
    const stats = native.getArchiveStats(db);
    const counted = stats.rowsByType.reduce((sum, { count }) => sum + count, 0);
    if (counted !== stats.messages || counted % BATCH !== 0 || counted < before) {
      throw new Error(`${id}: ${stats.messages} messages by counters, ${counted} by rows, ${before} before`);
    }
    before = counted;
    const found = native.searchMessages(db, 'word number', null, 20);
    if (found.length < Math.min(20, counted))
      throw new Error(`${id}: ${found.length} of ${counted} are found`);
  }
  tell('read', rounds);
  tell('end', id);
}

/** What is known of a worker by what it told. */
function newWorker(role, id, child) {
  return { role, id, child, told: {}, killed: false, ended: false, errors: '' };
}

function start(role, id, db, end, all) {
  const args = [
    fileURLToPath(import.meta.url),
    '--worker',
    role,
    '--db',
    db,
    '--id',
    id,
    '--end',
    String(end),
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const worker = newWorker(role, id, child);
  readline.createInterface({ input: child.stdout }).on('line', (line) => {
    let kind;
    let value;
    try {
      [kind, value] = JSON.parse(line);
    } catch {
      // A kill may tear the last line.
      return;
    }
    worker.told[kind] ??= [];
    worker.told[kind].push(value);
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    worker.errors += text;
  });
  worker.closed = new Promise((resolve) => child.once('close', resolve));
  all.push(worker);
  return worker;
}

async function supervise() {
  const seconds = Number(options.seconds);
  const processes = Number(options.processes);
  if (!(seconds > 0) || !(processes >= 2)) {
    console.error('node scripts/soak-store.mjs [--seconds N] [--processes N] [--kill] [--db FILE]');
    process.exit(2);
  }
  const folder = options.db ? undefined : fs.mkdtempSync(path.join(os.tmpdir(), 'han-soak-'));
  const db = options.db ?? path.join(folder, 'han.db');
  try {
    const summary = await soak(db, seconds, processes);
    console.log(JSON.stringify(summary, null, 2));
    process.exitCode = summary.violations.length === 0 ? 0 : 1;
  } finally {
    if (folder) fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function soak(db, seconds, processes) {
  const all = [];
  const writers = Math.floor(processes / 2);
  // The file is new: all of them make it at one moment. The queue's session is made by whoever comes first.
  native.upsertSession(db, { id: QUEUE });
  const end = Date.now() + seconds * 1000;
  for (let number = 0; number < processes; number += 1) {
    if (number < writers) start('write', `w${number}`, db, end, all);
    else start('read', `r${number}`, db, end, all);
  }
  let kills = 0;
  while (options.kill && Date.now() + KILL_EVERY < end) {
    await new Promise((resolve) => setTimeout(resolve, KILL_EVERY * (0.5 + Math.random())));
    const living = all.filter(
      ({ role, killed, child }) => role === 'write' && !killed && child.exitCode === null,
    );
    const worker = living[Math.floor(Math.random() * living.length)];
    if (!worker) continue;
    worker.killed = true;
    worker.child.kill('SIGKILL');
    kills += 1;
    start('write', `${worker.id}k`, db, end, all);
  }
  await Promise.all(all.map(({ closed }) => closed));
  return judge(db, all, kills, seconds);
}

/** Compares what was told with what is stored. */
async function judge(db, all, kills, seconds) {
  const violations = [];
  const violation = (text) => violations.push(text);
  for (const { id, killed, told, errors, child } of all) {
    if (killed) continue;
    if (errors || child.exitCode !== 0 || !told.end)
      violation(`${id} failed (${child.exitCode}): ${errors.slice(0, 500)}`);
  }
  const total = { batches: 0, queued: 0, taken: 0, tasks: 0, reads: 0 };
  for (const worker of all) {
    const { id, role, told, killed } = worker;
    if (role === 'read') {
      total.reads += told.read?.[0] ?? 0;
      continue;
    }
    const batches = told.batch?.length ?? 0;
    total.batches += batches;
    total.tasks += told.task?.length ?? 0;
    const rows = native.listSessionMessages(db, id).map((row) => row.id);
    // The one that was under way when the process was killed is there as a whole, or not at all.
    const allowed = [batches * BATCH];
    if (killed && (told.begin?.length ?? 0) > batches) allowed.push((batches + 1) * BATCH);
    if (!allowed.includes(rows.length) || new Set(rows).size !== rows.length) {
      violation(`${id}: ${rows.length} rows are stored, ${batches} batches were told to be`);
    }
    if (native.getMessageCount(db, id) !== rows.length)
      violation(`${id}: the counter is not the number of rows`);
    for (const round of told.task ?? []) {
      if (native.getTask(db, `${id}-${round}`)?.outcome !== 'success')
        violation(`${id}: task ${round} is lost`);
    }
    const validations = new Map(
      native.getAllSessionValidations(db, id).map(({ filePath, fileHash }) => [filePath, Number(fileHash)]),
    );
    for (const round of (told.validated ?? []).slice(-FILES)) {
      const stored = validations.get(`f${round % FILES}`);
      if (stored !== round && !(killed && stored === round + FILES))
        violation(`${id}: validation ${round} is ${stored}`);
    }
  }
  const queued = all.flatMap(({ told }) => told.queued ?? []);
  const taken = all.flatMap(({ told }) => told.taken ?? []);
  const waiting = native.listPendingAsyncHooks(db, QUEUE).map(({ hookName }) => hookName);
  const handedOut = new Set([...taken, ...waiting]);
  if (handedOut.size !== taken.length + waiting.length) violation('a hook was handed out twice');
  const missing = queued.filter((name) => !handedOut.has(name)).length;
  // Whoever is killed takes with it what it was just handed.
  if (missing > 0 && kills === 0) violation(`${missing} hooks were never handed out`);
  const check = await native.checkDatabaseAsync(db);
  violations.push(...check.problems);
  Object.assign(total, { queued: queued.length, taken: taken.length });
  return {
    seconds,
    processes: all.length,
    kills,
    ...total,
    lostWithKilled: missing,
    databaseBytes: fs.statSync(db).size,
    violations: violations.slice(0, 20),
  };
}
