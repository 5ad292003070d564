/**
 * The one protocol of every contender: a script of its own process, started with one JSON argument, that
 * prints one JSON line and ends.
 *
 *   { "cases": [{ "case": "index", "ms": 3541.2, "facts": { "messages": 60073 } }], "peakRssBytes": 412345678 }
 *   { "skip": "the addon does not load", "detail": "Cannot find module ..." }
 *
 * `ms` is the time of the work alone, measured inside the process; `p95Ms` is optional, and so is a case's own
 * `peakRssBytes`; `facts` are numbers that go into the record as they are, null for what a contender cannot tell.
 */
import { readFileSync, writeSync } from 'node:fs';

/** Says that a contender cannot take part: the reason for the record, the detail for the terminal. */
export class Skip extends Error {
  constructor(reason, detail = '') {
    super(reason);
    this.detail = String(detail).split('\n', 1)[0];
  }
}

/** Runs `work(input)`, which returns the cases, and reports them. */
export async function contend(work) {
  const input = JSON.parse(process.argv[2] ?? '{}');
  try {
    const cases = await work(input);
    report({ cases, peakRssBytes: peakRssBytes() });
  } catch (error) {
    if (!(error instanceof Skip)) throw error;
    report({ skip: error.message, detail: error.detail });
  }
}

function report(answer) {
  writeSync(1, `${JSON.stringify(answer)}\n`);
}

/**
 * Peak resident memory of this process image in bytes. VmHWM first: the high-water mark of getrusage
 * survives exec, so it would include the starting process.
 */
export function peakRssBytes() {
  if (process.platform === 'linux') {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
    if (kib) return Number(kib[1]) * 1024;
  }
  return process.resourceUsage().maxRSS * 1024;
}

/** Bytes that this process has passed to read and write calls so far; null where the system does not say. */
export function ioCounters() {
  if (process.platform !== 'linux') return null;
  const text = readFileSync('/proc/self/io', 'utf8');
  return {
    readBytes: Number(/^rchar: (\d+)$/m.exec(text)[1]),
    writtenBytes: Number(/^wchar: (\d+)$/m.exec(text)[1]),
  };
}

/** Milliseconds that `work` takes, with its result; waits for a promise. */
export async function timed(work) {
  const start = performance.now();
  const result = await work();
  return { ms: performance.now() - start, result };
}
