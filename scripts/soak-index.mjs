#!/usr/bin/env node
// Kills the indexer at random moments while its files grow and are rewritten. In the end the store must hold what a clean
// index of the same files holds, and be sound.
//
//   node scripts/soak-index.mjs                 200 kills
//   node scripts/soak-index.mjs --kills 20 --seed 7
//
// Prints a summary as JSON, and exits with 1 on any difference. Needs the addon (`npm run build`).
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const native = createRequire(import.meta.url)('../packages/native/index.js');

/** Sessions, each with a transcript that another session copies. */
const SESSIONS = 6;
/** Entries that a change adds. */
const ENTRIES = 400;
/** Milliseconds after which a run is killed at the latest. */
const LONGEST_RUN = 250;

const { values: options } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    worker: { type: 'string' },
    config: { type: 'string' },
  },
});

if (options.worker) await index(options.worker, options.config);
else await supervise();

async function index(db, configDir) {
  const report = await native.fullScanAndIndexAsync(db, { configDirs: [configDir] });
  if (report.status !== 'complete' || report.filesFailed > 0) throw new Error(JSON.stringify(report));
}

/** Numbers from 0 to 1 that a seed gives. */
function randomNumbers(seed) {
  let state = BigInt(seed);
  return () => {
    // A linear congruence; the upper bits are the random ones.
    state = BigInt.asUintN(64, state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n);
    return Number(state >> 11n) / 2 ** 53;
  };
}

function entries(session, from, count) {
  let text = '';
  for (let number = from; number < from + count; number += 1) {
    const id = `${String(number).padStart(8, '0')}-0000-4000-8000-00000000000${session % (SESSIONS / 2)}`;
    const isReply = number % 2 === 1;
    const content = [{ type: 'text', text: `word ${number} of session ${session} `.repeat(8) }];
    const usage = { input_tokens: 3, output_tokens: number };
    const message = isReply
      ? { id: `msg_${id}`, role: 'assistant', model: 'claude-opus-4-5', content, usage }
      : { role: 'user', content };
    text += `${JSON.stringify({
      type: isReply ? 'assistant' : 'user',
      uuid: id,
      sessionId: sessionId(session),
      cwd: '/home/ann/app',
      timestamp: new Date(1_780_000_000_000 + number * 1000).toISOString(),
      message,
    })}\n`;
  }
  return text;
}

function sessionId(session) {
  return `5e550000-0000-4000-8000-00000000000${session}`;
}

async function supervise() {
  const seed = Number(options.seed);
  const random = randomNumbers(seed);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'han-soak-index-'));
  const configDir = path.join(folder, 'config');
  const project = path.join(configDir, 'projects', '-home-ann-app');
  fs.mkdirSync(project, { recursive: true });
  const db = path.join(folder, 'han.db');
  const lengths = Array(SESSIONS).fill(0);
  let kills = 0;
  let finished = 0;
  while (kills < Number(options.kills)) {
    const session = Math.floor(random() * SESSIONS);
    const file = path.join(project, `${sessionId(session)}.jsonl`);
    if (random() < 0.2) {
      const start = Math.floor(random() * 50);
      fs.writeFileSync(file, entries(session, start, ENTRIES));
      lengths[session] = start + ENTRIES;
    } else {
      fs.appendFileSync(file, entries(session, lengths[session], ENTRIES));
      lengths[session] += ENTRIES;
    }
    const child = spawn(
      process.execPath,
      [fileURLToPath(import.meta.url), '--worker', db, '--config', configDir],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    const exit = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    await Promise.race([exit, wait(30 + random() * LONGEST_RUN)]);
    child.kill('SIGKILL');
    const { code, signal } = await exit;
    if (signal === 'SIGKILL') kills += 1;
    else if (code === 0) finished += 1;
    else throw new Error(`the indexer ended with ${code}`);
  }
  await index(db, configDir);
  const clean = path.join(folder, 'clean', 'han.db');
  fs.mkdirSync(path.dirname(clean));
  await index(clean, configDir);
  const differences = [];
  const [found, expected] = [db, clean].map((file) => totals(native.getArchiveStats(file)));
  if (JSON.stringify(found) !== JSON.stringify(expected)) differences.push({ found, expected });
  const { filesDifferent } = await native.verifyIndexAsync(db);
  if (filesDifferent > 0) differences.push({ filesDifferent });
  const { problems } = await native.checkDatabaseAsync(db);
  if (problems.length > 0) differences.push({ problems });
  console.log(JSON.stringify({ seed, kills, finished, ...found, differences }));
  if (differences.length > 0) process.exitCode = 1;
  else fs.rmSync(folder, { recursive: true });
}

/** What does not depend on how the pages of the file are laid out. */
function totals({ files, sessions, messages, apiReplies, inputTokens, outputTokens, rowsByType }) {
  return { files, sessions, messages, apiReplies, inputTokens, outputTokens, rowsByType };
}
