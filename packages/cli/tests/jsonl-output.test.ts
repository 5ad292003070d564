import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type Context, createContext } from '../src/context.js';
import { eachInput } from '../src/jsonl/each-input.js';
import { readInputs } from '../src/jsonl/inputs.js';
import { inBlocks } from '../src/output/blocks.js';
import { colorsFor } from '../src/output/color.js';
import { countLines } from '../src/output/counts.js';
import { lineText, writeLines } from '../src/output/jsonl-lines.js';
import type { Sink } from '../src/output/sink.js';
import { temporaryFolder } from './han.js';

const idle = () => new Promise((resolve) => setTimeout(resolve, 0));

/** A sink that keeps what it is given, block by block. */
function memory() {
  const blocks: string[] = [];
  const write = (block: string) => {
    blocks.push(block);
    return Promise.resolve();
  };
  const sink: Sink = { write, line: (line = '') => write(`${line}\n`) };
  return { sink, blocks };
}

function contextWith(part: Partial<Context>): Context {
  return { ...createContext({ color: false, quiet: true }), ...part };
}

describe('blocks', () => {
  it('collect what is written at once', async () => {
    const { sink, blocks } = memory();
    const out = inBlocks(sink);
    for (const text of ['a', '', 'b']) {
      await out.line(text);
    }
    expect(blocks).toEqual([]);
    await out.flush();
    expect(blocks.join('')).toBe('a\n\nb\n');
  });

  it('are passed on when the program waits for something else', async () => {
    const { sink, blocks } = memory();
    const out = inBlocks(sink);
    await out.line('a');
    await idle();
    await idle();
    expect(blocks).toEqual(['a\n']);
    await out.line('b');
    await idle();
    await idle();
    expect(blocks.join('')).toBe('a\nb\n');
  });

  it('are bounded, in order, and as fast as their reader', async () => {
    const seen: string[] = [];
    let waiting = 0;
    const slow = async (block: string) => {
      waiting += 1;
      expect(waiting).toBe(1);
      await idle();
      waiting -= 1;
      seen.push(block);
    };
    const out = inBlocks({ write: slow, line: (line = '') => slow(`${line}\n`) });
    let all = '';
    for (let n = 0; n < 40_000; n += 1) {
      all += `line ${n}\n`;
      await out.line(`line ${n}`);
    }
    await out.flush();
    expect(seen.join('') === all).toBe(true);
    expect(Math.max(...seen.map(({ length }) => length))).toBeLessThan(2 * 64 * 1024);
    expect(seen.length).toBeLessThan(20);
  });

  it('tell that the sink failed', async () => {
    const failing = () => Promise.reject(new Error('no space'));
    const out = inBlocks({ write: failing, line: failing });
    await out.line('a');
    await idle();
    await expect(out.flush()).rejects.toThrow('no space');
  });
});

describe('lines', () => {
  const esc = '\u001b';
  const line = { filePath: 'a.jsonl', lineNumber: 7, byteOffset: 90, content: `{"a":1}${esc}[2J\r` };

  it('are as they stand in the file, and without control characters on a terminal', () => {
    expect(lineText(line, {}, contextWith({ isTerminal: false }))).toBe(line.content);
    expect(lineText(line, {}, contextWith({ isTerminal: true }))).toBe('{"a":1}␛[2J');
  });

  it('have file and number in front, in colour where it is wanted', () => {
    const style = { withFilename: true, lineNumbers: true };
    expect(lineText(line, style, contextWith({}))).toBe(`a.jsonl:7:${line.content}`);
    const colors = colorsFor({ enabled: true, reason: 'a test' });
    expect(lineText(line, { lineNumbers: true }, contextWith({ colors }))).toContain(`${esc}[2m7:${esc}[22m`);
    const { lineNumber: _, filePath: __, ...bare } = line;
    expect(lineText(bare, style, contextWith({}))).toBe(`standard input:${line.content}`);
  });

  it.each([true, false])('are not written at all when the first cannot be read, JSON: %s', async (json) => {
    const { sink, blocks } = memory();
    const failing = async function* () {
      yield* await Promise.reject<never[]>(new Error('no such file'));
    };
    const written = writeLines(contextWith({ out: sink, json }), failing(), {}, () => ({}));
    await expect(written).rejects.toThrow('no such file');
    expect(blocks.join('')).toBe('');
  });

  it('are written up to the one that cannot be read', async () => {
    const { sink, blocks } = memory();
    const failing = async function* () {
      yield await Promise.resolve(line);
      throw new Error('gone');
    };
    const written = writeLines(contextWith({ out: sink }), failing(), {}, () => ({}));
    await expect(written).rejects.toThrow('gone');
    expect(blocks.join('')).toBe(`${line.content}\n`);
  });
});

describe('counts', () => {
  const counts = [
    { name: 'a', count: 7 },
    { name: 'b\u001b', count: 1234 },
  ];

  it('are a number for one input, and a table with a total for several', () => {
    expect(countLines(counts.slice(0, 1), 1)).toEqual(['7']);
    expect(countLines(counts, 2)).toEqual(['   7 a', '1234 b␛', '1241 total']);
    expect(countLines(counts.slice(0, 1), 2)).toEqual(['7 a', '7 total']);
  });
});

describe('each input', () => {
  const folder = temporaryFolder();
  const files = ['a', 'b', 'c'].map((name) => join(folder, name));
  for (const file of files) {
    writeFileSync(file, 'x'.repeat(1_000_000));
  }

  it('is done; one that fails is told and the others are done all the same', async () => {
    const { sink: err, blocks } = memory();
    const outcome = await eachInput(contextWith({ err }), readInputs(files), ({ name }) =>
      name === files[1] ? Promise.reject(new Error('[IO_FAILED] read b')) : Promise.resolve(name),
    );
    expect(outcome).toEqual({ answers: [files[0], files[2]], status: 'complete', exit: 1 });
    expect(blocks.join('')).toBe('error: read b (UNKNOWN)\n');
  });

  it('that is the only one and fails, fails the command', async () => {
    const failing = eachInput(contextWith({}), readInputs(files.slice(0, 1)), () =>
      Promise.reject(new Error('gone')),
    );
    await expect(failing).rejects.toThrow('gone');
  });

  it.each(['returns', 'throws'])('that %s after Ctrl-C does not count, and is the last', async (how) => {
    const { sink: err, blocks } = memory();
    const begun: string[] = [];
    const outcome = await eachInput(contextWith({ err }), readInputs(files), async ({ name }, { signal }) => {
      begun.push(name);
      if (name === files[1]) {
        process.emit('SIGINT');
        await idle();
        expect(signal.aborted).toBe(true);
        if (how === 'throws') {
          throw new Error('[CANCELLED] read b');
        }
      }
      return name;
    });
    expect(outcome).toEqual({ answers: [files[0]], status: 'partial', exit: 130 });
    expect(begun).toEqual(files.slice(0, 2));
    expect(blocks.join('')).toBe('Interrupted: 1 of 3 files done.\n');
  });

  it('is part of one progress over all of them', async () => {
    let shown = '';
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        shown += chunk.toString();
        done();
      },
    });
    const terminal = Object.assign(stream, { isTTY: true, columns: 80 }) as unknown as NodeJS.WriteStream;
    const context = contextWith({ progress: 'bar', progressStream: terminal });
    await eachInput(context, readInputs(files), async (_, { onProgress }) => {
      onProgress({ bytesDone: 500_000, bytesTotal: 1_000_000, lines: 10, elapsedMs: 1 });
      await new Promise((resolve) => setTimeout(resolve, 250));
    });
    expect(shown).toContain('500.0 kB of 3.0 MB');
    expect(shown).toContain('1.5 MB of 3.0 MB');
    expect(shown).toContain('2.5 MB of 3.0 MB  2 of 3 files');
  });
});
