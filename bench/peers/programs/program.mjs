/** Runs a program of the PATH and reads its output. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Skip } from '../protocol.mjs';

/** Milliseconds between two looks at the memory of a program. */
const LOOK_MS = 5;

/**
 * Runs `name` with `args` until it has ended and all of its output went to `onChunk`. Gives its peak memory in bytes
 * when `watch` is set and the system tells (null otherwise); status 0 and those of `accepted` are success.
 */
export function run(name, args, onChunk, { watch = false, accepted = [] } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      // No program then has to look at characters where bytes will do.
      env: { ...process.env, LC_ALL: 'C' },
    });
    const memory = watch ? watchMemory(child.pid) : null;
    let complaint = '';
    child.stdout.on('data', (chunk) => {
      memory?.look();
      onChunk(chunk);
    });
    child.stderr.on('data', (chunk) => {
      complaint += chunk;
    });
    child.on('error', (error) => {
      memory?.end();
      reject(error.code === 'ENOENT' ? new Skip(`${name} is not on the PATH`) : error);
    });
    child.on('close', (status, signal) => {
      const peak = memory?.end() ?? null;
      if (status === 0 || accepted.includes(status)) resolve(peak);
      else reject(new Error(`${name} ended with ${status ?? signal}: ${complaint.trim()}`));
    });
  });
}

/** The output of a program as one text. */
export async function textOf(name, args, options) {
  const chunks = [];
  const peak = await run(name, args, (chunk) => chunks.push(chunk), options);
  return { text: Buffer.concat(chunks).toString('utf8'), peak };
}

/** Follows the high-water mark of a process, which is gone with it. */
function watchMemory(pid) {
  let peak = null;
  const look = () => {
    peak = highWaterMark(pid) ?? peak;
  };
  const timer = setInterval(look, LOOK_MS);
  look();
  return {
    look,
    end() {
      clearInterval(timer);
      return peak;
    },
  };
}

function highWaterMark(pid) {
  if (process.platform !== 'linux') return null;
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return kib && Number(kib[1]) * 1024;
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return null;
    throw error;
  }
}
