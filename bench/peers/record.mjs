/** Writes what was measured as Markdown tables and as CSV, one value a line. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { duckDbVersion } from './duckdb/database.mjs';
import { versionsOf } from './programs/versions.mjs';
import { median } from './statistics.mjs';

const CSV_HEADER = 'time,corpus,suite,case,contender,run,metric,value\n';

/** The Markdown of one run of the harness; `measured` is [{ suite, module, explanation, expected, samples, skipped }]. */
export async function markdown(context, measured) {
  const { time, corpus, runs, native } = context;
  const parts = [
    `## ${time.slice(0, 16).replace('T', ' ')} UTC, ${corpus.name}: ${corpus.files} files, ${(corpus.bytes / 1e6).toFixed(0)} MB`,
    `${machine()}. ${await software(native, measured)}. Files in the page cache; every contender in its own process, ${runs} runs each,
interleaved; median of the runs, ratio to the first contender of the case (higher is better).`,
  ];
  for (const { suite, module, explanation, expected, samples, skipped } of measured) {
    parts.push(`### ${module.title} (\`${suite}\`)`, explanation, table(module, samples, expected, corpus));
    if (skipped.length > 0) parts.push(missing(skipped));
  }
  return `${parts.join('\n\n')}\n`;
}

/** One line for each contender and reason, with the cases that it is missing from where a suite names them. */
function missing(skipped) {
  const cases = new Map();
  for (const { name, title, reason } of skipped) {
    const what = `${name} (${reason})`;
    cases.set(what, [...(cases.get(what) ?? []), ...(title === undefined ? [] : [title])]);
  }
  return [...cases]
    .map(([what, titles]) => `- Not measured: ${[what, titles.join('; ')].filter(Boolean).join(': ')}.`)
    .join('\n');
}

function table(module, samples, answers, corpus) {
  const rows = [
    '| case | contender | median ms | min..max | p95 ms | ratio | peak RSS | process ms | |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |',
  ];
  for (const name of new Set(samples.map((sample) => sample.case))) {
    const ofCase = samples.filter((sample) => sample.case === name);
    let baseline = null;
    let expected = answers[name] ?? null;
    for (const contender of new Set(ofCase.map((sample) => sample.contender))) {
      const own = ofCase.filter((sample) => sample.contender === contender);
      const times = own.map(({ ms }) => ms);
      const typical = median(times);
      const p95 = own[0].p95Ms === undefined ? '' : digits(median(own.map(({ p95Ms }) => p95Ms)));
      const nearest = own.reduce((best, next) =>
        Math.abs(next.ms - typical) < Math.abs(best.ms - typical) ? next : best,
      );
      expected ??= nearest.facts;
      const wrong = own.map(({ facts }) => difference(module, expected, facts)).find((each) => each !== null);
      // The ratio is to the first contender whose answer is right.
      if (wrong === undefined) baseline ??= typical;
      const cells = [
        name,
        contender,
        digits(typical),
        `${digits(Math.min(...times))}..${digits(Math.max(...times))}`,
        p95,
        wrong ?? `${(baseline / typical).toFixed(2)}x`,
        memory(own),
        digits(median(own.map(({ processMs }) => processMs))),
        module.describe(nearest, corpus),
      ];
      rows.push(`| ${cells.join(' | ')} |`);
    }
  }
  return rows.join('\n');
}

/** What keeps two answers from being compared: a fact that differs by more than the suite allows; null when none does. */
function difference({ comparable, tolerance }, expected, facts) {
  for (const fact of comparable) {
    if (facts[fact] === null) continue;
    if (Math.abs((facts[fact] ?? 0) - (expected[fact] ?? 0)) > (expected[fact] ?? 0) * tolerance) {
      return `not the same work: ${fact} ${facts[fact]}, not ${expected[fact]}`;
    }
  }
  return null;
}

/** The median of the peaks; empty where one is not known. */
function memory(samples) {
  const peaks = samples.map(({ peakRssBytes }) => peakRssBytes);
  return peaks.includes(null) ? '' : `${(median(peaks) / 2 ** 20).toFixed(0)} MiB`;
}

const digits = (ms) => (ms < 10 ? ms.toFixed(3) : ms < 100 ? ms.toFixed(2) : ms.toFixed(0));

function machine() {
  const [cpu] = os.cpus();
  const memory = (os.totalmem() / 2 ** 30).toFixed(0);
  const load = os.loadavg()[0].toFixed(2);
  return `${os.cpus().length} x ${cpu.model.trim()}, ${memory} GiB, ${os.type()} ${os.release()}, load average ${load} at the end`;
}

/** Versions of Node, of the peers that the measured suites name, and of the addon. */
async function software(native, measured) {
  const require = createRequire(import.meta.url);
  const names = new Set(measured.flatMap(({ module }) => module.peers));
  const versions = [`Node ${process.versions.node}`];
  if (names.delete('better-sqlite3')) versions.push(betterSqlite3(require));
  if (names.delete('DuckDB')) versions.push((await duckDbVersion()) ?? 'DuckDB not installed');
  return [...versions, ...versionsOf([...names]), addon(require, native)].join(', ');
}

function betterSqlite3(require) {
  const Database = require('better-sqlite3');
  const sqlite = new Database(':memory:').prepare('SELECT sqlite_version()').pluck().get();
  return `better-sqlite3 ${require('better-sqlite3/package.json').version} (SQLite ${sqlite})`;
}

function addon(require, native) {
  try {
    const { version, sqliteVersion, threads } = require(native).getNativeInfo();
    return `@han/native ${version} (SQLite ${sqliteVersion}, ${threads} threads)`;
  } catch {
    return '@han/native not available';
  }
}

function csv(context, measured) {
  let text = '';
  for (const { suite, samples } of measured) {
    for (const { case: name, contender, run, ms, p95Ms, peakRssBytes, processMs, facts } of samples) {
      const values = { ms, p95Ms, peakRssBytes, processMs, ...facts };
      for (const [metric, value] of Object.entries(values)) {
        if (value === undefined || value === null) continue;
        const fields = [context.time, context.corpus.name, suite, name, contender, run, metric, value];
        text += `${fields.map(quoted).join(',')}\n`;
      }
    }
  }
  return text;
}

const quoted = (field) => (/[",\n]/.test(field) ? `"${String(field).replaceAll('"', '""')}"` : field);

/** Adds this run to the record at `file` (.md) and to the CSV file beside it; earlier runs stay. */
export function write(file, context, measured, text) {
  mkdirSync(path.dirname(file), { recursive: true });
  const heading = `# Performance record ${context.time.slice(0, 10)}\n`;
  appendFileSync(file, `${existsSync(file) ? '' : heading}\n${text}`);
  const values = file.replace(/(\.md)?$/, '.csv');
  const isNew = !existsSync(values) || readFileSync(values, 'utf8') === '';
  appendFileSync(values, `${isNew ? CSV_HEADER : ''}${csv(context, measured)}`);
}
