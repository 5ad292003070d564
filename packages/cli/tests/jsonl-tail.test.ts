import { appendFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findTail } from '../src/jsonl/tail-start.js';
import { Home } from './han.js';
import { hanWith, numbered, oddLines, oddText, Running, text, writeFile } from './jsonl-files.js';

const home = new Home();
const odd = writeFile(home, 'odd.jsonl', oddText);

describe('han jsonl tail', () => {
  it.each([1, 2, 4, 5, 6, 1000])(
    'prints the last %i lines, of a file as of the standard input',
    async (n) => {
      const stdout = text(oddLines.slice(-n));
      const args = ['-n', String(n)];
      expect(await home.han(['jsonl', 'tail', odd, ...args])).toEqual({ stdout, stderr: '', exit: 0 });
      for (const input of [[], ['-'], ['-', '--follow']]) {
        const answer = await hanWith(home, oddText, ['jsonl', 'tail', ...input, ...args]);
        expect(answer).toEqual({ stdout, stderr: '', exit: 0 });
      }
    },
  );

  it.each([10, 200, 201, 999, 1000])('prints the last %i of 1000 lines', async (n) => {
    const file = writeFile(home, 'thousand.jsonl', numbered(1000));
    const args = n === 10 ? [] : ['--lines', String(n)];
    const stdout = `${numbered(1000).trimEnd().split('\n').slice(-n).join('\n')}\n`;
    expect(await home.han(['jsonl', 'tail', file, ...args])).toEqual({ stdout, stderr: '', exit: 0 });
    expect(await hanWith(home, numbered(1000), ['jsonl', 'tail', ...args])).toMatchObject({
      stdout,
      exit: 0,
    });
  });

  it('prints JSON: numbers only where they are known', async () => {
    expect(await home.json(['jsonl', 'tail', odd, '-n', '2'])).toEqual({
      exit: 0,
      value: {
        lines: oddLines.slice(-2).map(({ lineNumber: _, ...line }) => ({ filePath: odd, ...line })),
        hasMore: true,
      },
    });
    const piped = await hanWith(home, oddText, ['jsonl', 'tail', '-n', '5', '--json']);
    expect(JSON.parse(piped.stdout)).toEqual({ lines: oddLines, hasMore: false });
  });

  it.each(['', '\n', '\n  \n\r\n'])('ends with 3 when %j holds no line', async (content) => {
    const file = writeFile(home, 'blank.jsonl', content);
    expect(await home.han(['jsonl', 'tail', file])).toEqual({ stdout: '', stderr: '', exit: 3 });
    const piped = await hanWith(home, content, ['jsonl', 'tail']);
    expect(piped).toEqual({ stdout: '', stderr: '', exit: 3 });
    expect(await home.json(['jsonl', 'tail', file])).toEqual({
      exit: 3,
      value: { lines: [], hasMore: false },
    });
  });
});

describe('the place of the last lines', () => {
  it.each([
    ['', 0, { startOffset: 0, lines: 0, hasMore: false }],
    ['\n \n', 0, { startOffset: 0, lines: 0, hasMore: false }],
    ['{"n":1}\n', 0, { startOffset: 8, lines: 0, hasMore: true }],
    ['{"n":1}\n\n \n', 0, { startOffset: 11, lines: 0, hasMore: true }],
    // An unfinished line is still to come.
    ['{"n":1}\n{"n":', 0, { startOffset: 8, lines: 0, hasMore: true }],
    ['{"n":', 0, { startOffset: 0, lines: 0, hasMore: true }],
    ['{"n":1}\n{"n":', 1, { startOffset: 8, lines: 1, hasMore: true }],
    ['{"n":1}\n{"n":', 2, { startOffset: 0, lines: 2, hasMore: false }],
    ['\n{"n":1}\n', 5, { startOffset: 1, lines: 1, hasMore: false }],
    ['\n \n', 5, { startOffset: 0, lines: 0, hasMore: false }],
    [numbered(1000), 450, { startOffset: 5390, lines: 450, hasMore: true }],
  ])('is found, case %#', async (content, wanted, place) => {
    const file = join(home.folder, writeFile(home, 'place.jsonl', content));
    expect(await findTail(file, wanted)).toEqual(place);
  });
});

describe('han jsonl tail --follow', () => {
  const started: Running[] = [];
  let files = 0;

  afterEach(() => {
    for (const { child } of started.splice(0)) {
      child.kill('SIGKILL');
    }
  });

  /** A file of its own and the program that follows it, once it has printed `first`. */
  async function follow(content: string, args: string[], first: string) {
    files += 1;
    const name = writeFile(home, `followed-${files}.jsonl`, content);
    const running = new Running(home.start(['jsonl', 'tail', name, '--follow', ...args]));
    started.push(running);
    await running.until(({ stdout }) => stdout === first);
    return { name, path: join(home.folder, name), running };
  }

  it('goes on with what is added, each line once, until Ctrl-C', async () => {
    const { path, running } = await follow('{"n":1}\n{"n":2}\n{"n":3}\n', ['-n', '2'], '{"n":2}\n{"n":3}\n');
    let expected = '{"n":2}\n{"n":3}\n';
    for (let n = 4; n < 40; n += 1) {
      appendFileSync(path, `{"n":${n}}\n\n`);
      expected += `{"n":${n}}\n`;
    }
    await running.until(({ stdout }) => stdout.length >= expected.length);
    expect(await running.end('SIGINT')).toEqual({ stdout: expected, stderr: '', exit: 130 });
  });

  it('loses and repeats no line while others write, from its start on', async () => {
    const name = writeFile(home, 'busy.jsonl', numbered(1000));
    const path = join(home.folder, name);
    let n = 1000;
    const writer = setInterval(() => {
      for (let more = 0; more < 20; more += 1) {
        // In pieces, so that lines are met unfinished.
        appendFileSync(path, `{"n":${n}`);
        appendFileSync(path, '}\n');
        n += 1;
      }
    }, 1);
    try {
      const running = new Running(home.start(['jsonl', 'tail', name, '-n', '500', '-f']));
      started.push(running);
      await running.until(({ stdout }) => stdout.split('\n').length > 3000);
      const { stdout } = await running.end('SIGINT');
      const seen = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).n as number);
      const [first = 0] = seen;
      expect(first).toBeGreaterThanOrEqual(500);
      expect(seen).toEqual(seen.map((_, index) => first + index));
    } finally {
      clearInterval(writer);
    }
  });

  it('ends with 143 on SIGTERM', async () => {
    const { running } = await follow('{"n":1}\n', [], '{"n":1}\n');
    expect(await running.end('SIGTERM')).toEqual({ stdout: '{"n":1}\n', stderr: '', exit: 143 });
  });

  it('prints an unfinished line when it is complete', async () => {
    const { path, running } = await follow('{"n":1}\n{"n":', ['-n', '2'], '{"n":1}\n');
    appendFileSync(path, '2');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(running.stdout).toBe('{"n":1}\n');
    appendFileSync(path, '}\r\n{"n":3');
    await running.until(({ stdout }) => stdout === '{"n":1}\n{"n":2}\r\n');
    expect(await running.end('SIGINT')).toMatchObject({ stdout: '{"n":1}\n{"n":2}\r\n', exit: 130 });
  });

  it('prints only what is new with -n 0', async () => {
    const { path, running } = await follow(numbered(3), ['-n', '0'], '');
    // When the program is ready cannot be seen: lines are added until one is printed.
    let n = 3;
    while (running.stdout === '') {
      appendFileSync(path, `{"n":${n}}\n`);
      n += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    appendFileSync(path, '{"n":"last"}\n');
    await running.until(({ stdout }) => stdout.endsWith('{"n":"last"}\n'));
    const { stdout, exit } = await running.end('SIGINT');
    const first = Number(/^\{"n":(\d+)\}/.exec(stdout)?.[1]);
    expect(first).toBeGreaterThanOrEqual(3);
    expect(stdout).toBe(`${numbered(n).split('\n').slice(first).join('\n')}{"n":"last"}\n`);
    expect(exit).toBe(130);
  });

  it.each([
    ['truncated', (path: string) => truncateSync(path)],
    ['removed and made again', (path: string) => rmSync(path)],
  ])('reads a file that is %s from its beginning, and says so', async (_, begin) => {
    const { name, path, running } = await follow(numbered(3), [], numbered(3));
    begin(path);
    appendFileSync(path, '{"new":1}\n');
    await running.until(({ stdout }) => stdout.includes('new'));
    expect(await running.end('SIGINT')).toEqual({
      stdout: `${numbered(3)}{"new":1}\n`,
      stderr: `note: ${name} was truncated or replaced; it is read from its beginning\n`,
      exit: 130,
    });
  });

  it('reads a replaced file from its beginning, and says so', async () => {
    const { name, path, running } = await follow(numbered(3), [], numbered(3));
    writeFileSync(`${path}.new`, '{"new":1}\n{"new":2}\n{"new":3}\n{"new":4}\n');
    renameSync(`${path}.new`, path);
    await running.until(({ stdout }) => stdout.includes('{"new":4}\n'));
    appendFileSync(path, '{"new":5}\n');
    await running.until(({ stdout }) => stdout.includes('{"new":5}\n'));
    expect(await running.end('SIGINT')).toEqual({
      stdout: `${numbered(3)}${[1, 2, 3, 4, 5].map((n) => `{"new":${n}}\n`).join('')}`,
      stderr: `note: ${name} was truncated or replaced; it is read from its beginning\n`,
      exit: 130,
    });
  });

  it('notes a line that is too long', async () => {
    const { name, path, running } = await follow(numbered(1), [], numbered(1));
    const long = 'x'.repeat(65 * 1024 * 1024);
    appendFileSync(path, `${long}\n`);
    await running.until(({ stdout }) => stdout.endsWith('x\n'));
    appendFileSync(path, '{"n":1}\n');
    await running.until(({ stdout }) => stdout.endsWith('{"n":1}\n'));
    expect(await running.end('SIGINT')).toEqual({
      stdout: `${numbered(1)}${long.slice(0, 64 * 1024)}\n{"n":1}\n`,
      stderr: `note: line at byte 8 of ${name} is too long: 68.1 MB of it are left out\n`,
      exit: 130,
    });
  });

  it('prints an object a line with --json', async () => {
    const { name, path, running } = await follow(
      numbered(2),
      ['--json', '-n', '1'],
      `{"filePath":"followed-${files + 1}.jsonl","byteOffset":8,"content":"{\\"n\\":1}"}\n`,
    );
    appendFileSync(path, '{"n":2}\n');
    await running.until(({ stdout }) => stdout.split('\n').length === 3);
    truncateSync(path);
    await new Promise((resolve) => setTimeout(resolve, 300));
    appendFileSync(path, '{"n":3}\n');
    await running.until(({ stdout }) => stdout.split('\n').length === 4);
    const { stdout, stderr, exit } = await running.end('SIGINT');
    expect(exit).toBe(130);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { filePath: name, byteOffset: 16, content: '{"n":2}' },
      { filePath: name, byteOffset: 0, content: '{"n":3}' },
    ]);
    expect(JSON.parse(stderr)).toEqual({ restarted: { filePath: name } });
  });
});
