/** Files of JSON lines for tests, and what waits for a program that goes on. */
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Home, Result } from './han.js';
import { resultOf } from './han.js';

/** Seven lines with a byte order mark, CRLF, blank lines, a broken line, and a last one without its line feed. */
export const oddText =
  '\ufeff{"n":0,"type":"user"}\r\n\r\n{"n":2,"type":"assistant"}\n  \t\n{"n":4,"type":"user"}\nnot JSON\n{"n":6,"type":"user"}';

/** The lines of {@link oddText} that are not blank, with their numbers and byte offsets. */
export const oddLines = [
  { lineNumber: 0, byteOffset: 0, content: '{"n":0,"type":"user"}\r' },
  { lineNumber: 2, byteOffset: 28, content: '{"n":2,"type":"assistant"}' },
  { lineNumber: 4, byteOffset: 59, content: '{"n":4,"type":"user"}' },
  { lineNumber: 5, byteOffset: 81, content: 'not JSON' },
  { lineNumber: 6, byteOffset: 90, content: '{"n":6,"type":"user"}' },
];

/** Lines as they are printed. */
export function text(lines: { content: string }[]): string {
  return lines.map(({ content }) => `${content}\n`).join('');
}

/** Writes a file into a home and returns its name there. */
export function writeFile(home: Home, name: string, content: string | Buffer): string {
  writeFileSync(join(home.folder, name), content);
  return name;
}

/** `{"n":0}` to `{"n":count-1}`, a line each. */
export function numbered(count: number): string {
  return Array.from({ length: count }, (_, n) => `{"n":${n}}\n`).join('');
}

/** Runs the program with a text as its standard input. */
export async function hanWith(home: Home, input: string | Buffer, args: string[]): Promise<Result> {
  const child = home.start(args);
  // The program may have enough before it has read everything.
  child.stdin?.on('error', () => child.stdin?.destroy());
  child.stdin?.end(input);
  return await resultOf(child);
}

/** A program that goes on, and what it has printed so far. */
export class Running {
  readonly ended: Promise<Result>;
  stdout = '';
  stderr = '';

  constructor(readonly child: ChildProcess) {
    this.ended = resultOf(child);
    child.stdout?.on('data', (piece: string) => {
      this.stdout += piece;
    });
    child.stderr?.on('data', (piece: string) => {
      this.stderr += piece;
    });
  }

  /** Waits until this was printed; fails after ten seconds, with what was printed instead. */
  async until(condition: (printed: Running) => boolean): Promise<void> {
    const end = Date.now() + 10_000;
    while (!condition(this)) {
      if (Date.now() > end) {
        const [stdout, stderr] = [this.stdout.slice(-500), this.stderr.slice(-500)];
        throw new Error(`it printed only … ${JSON.stringify({ stdout, stderr })}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Sends a signal and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<Result> {
    this.child.kill(signal);
    return await this.ended;
  }
}
