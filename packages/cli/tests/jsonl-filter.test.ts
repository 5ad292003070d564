import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { bin, Home, resultOf } from './han.js';
import { hanWith, numbered, oddLines, oddText, Running, writeFile } from './jsonl-files.js';

const home = new Home();
const records = [
  { type: 'user', n: 1, timestamp: '2026-11-01T10:00:00Z', message: { content: 'fix the deadlock' } },
  { type: 'assistant', n: 20, timestamp: '2026-11-01T12:00:00+01:00', message: { usage: { out: 900 } } },
  { type: 'assistant', n: 3, timestamp: '2026-11-02T09:00:00.500Z', message: { usage: { out: 1000 } } },
  {
    type: 'tool',
    n: 4,
    timestamp: '2026-11-03T00:00:00Z',
    'a.b': true,
    message: { content: [{ type: 'text' }] },
  },
];
const lines = records.map((record) => JSON.stringify(record));
const file = writeFile(home, 'log.jsonl', `${lines.join('\n')}\n`);
const odd = writeFile(home, 'odd.jsonl', oddText);
const many = writeFile(home, 'many.jsonl', numbered(100_000));

/** The records that are printed, by their numbers from 0. */
async function found(...args: string[]): Promise<number[]> {
  const { stdout, stderr, exit } = await home.han(['jsonl', 'filter', file, ...args]);
  const printed = stdout.split('\n').slice(0, -1);
  expect({ stderr, exit }).toEqual({ stderr: '', exit: printed.length === 0 ? 3 : 0 });
  return printed.map((line) => lines.indexOf(line));
}

describe('han jsonl filter', () => {
  it.each([
    [
      ['-w', 'type=assistant'],
      [1, 2],
    ],
    [
      ['-w', 'type!=assistant'],
      [0, 3],
    ],
    [
      ['-w', 'n>3'],
      [1, 3],
    ],
    [
      ['-w', 'n>=3'],
      [1, 2, 3],
    ],
    [['-w', 'n<3'], [0]],
    [
      ['-w', 'n<=3'],
      [0, 2],
    ],
    [['-w', 'type^=to'], [3]],
    [['-w', 'message.content*=dead'], [0]],
    [
      ['-w', 'type~=^(user|tool)$'],
      [0, 3],
    ],
    [
      ['-w', 'message.usage.out'],
      [1, 2],
    ],
    [
      ['-w', '!message.usage.out'],
      [0, 3],
    ],
    [['-w', 'message.content[0].type=text'], [3]],
    [['-w', 'a\\.b=true'], [3]],
    [['-w', 'type=nothing'], []],
    [['-w', 'type=assistant', '-w', 'message.usage.out>=1000'], [2]],
    [
      ['-w', 'type=user', '-w', 'message.usage.out>=1000', '--any'],
      [0, 2],
    ],
    [
      ['-w', 'type=assistant', '--invert'],
      [0, 3],
    ],
    [
      ['--filters', '{"fieldPath":"type","operator":"in","values":["user","tool"]}'],
      [0, 3],
    ],
    [
      ['--filters', '[{"not":{"fieldPath":"type","operator":"eq","value":"tool"}}]', '-w', 'n>1'],
      [1, 2],
    ],
    [
      ['--since', '2026-11-01T11:00:00Z'],
      [1, 2, 3],
    ],
    [
      ['--since', '2026-11-01T11:00:00.001Z'],
      [2, 3],
    ],
    [
      ['--until', '2026-11-02T09:00:00.500Z'],
      [0, 1],
    ],
    [
      ['--since', '2026-11-01', '--until', '2026-11-02'],
      [0, 1, 2],
    ],
    [['--since', '2026-11-02', '-w', 'type=assistant'], [2]],
    [['--since', '2026-11-02', '--time-field', 'message.at'], []],
  ])('%j finds %j', async (args, numbers) => {
    expect(await found(...args)).toEqual(numbers);
  });

  it('leaves out blank and broken lines, and keeps the others as they are', async () => {
    const matching = oddLines.filter(({ content }) => content.includes('user'));
    const stdout = matching.map(({ lineNumber, content }) => `${lineNumber}:${content}\n`).join('');
    const args = ['jsonl', 'filter', '-w', 'type=user', '--line-numbers'];
    expect(await home.han([...args, odd])).toEqual({ stdout, stderr: '', exit: 0 });
    expect(await hanWith(home, oddText, args)).toEqual({ stdout, stderr: '', exit: 0 });
    const inverted = await home.han(['jsonl', 'filter', '-w', 'type=user', '-v', odd]);
    expect(inverted).toEqual({ stdout: '{"n":2,"type":"assistant"}\n', stderr: '', exit: 0 });
  });

  it('puts the file in front only when it is asked to', async () => {
    const args = ['jsonl', 'filter', odd, '-', '-w', 'n<3', '-w', 'n>0'];
    const line = '{"n":2,"type":"assistant"}\n';
    expect((await hanWith(home, oddText, args)).stdout).toBe(line + line);
    const { stdout } = await hanWith(home, oddText, [...args, '-H', '-n']);
    expect(stdout).toBe(`${odd}:2:${line}standard input:2:${line}`);
  });

  it('prints JSON', async () => {
    const args = ['jsonl', 'filter', odd, file, '-w', 'type=user'];
    const matching = oddLines
      .filter(({ content }) => content.includes('user'))
      .map((line) => ({ filePath: odd, ...line }));
    const other = { filePath: file, lineNumber: 0, byteOffset: 0, content: lines[0] };
    expect(await home.json(args)).toEqual({
      exit: 0,
      value: { lines: [...matching, other], status: 'complete', matchedCount: 4 },
    });
    expect(await home.json([...args, '--limit', '1'])).toEqual({
      exit: 0,
      value: { lines: matching.slice(0, 1), status: 'limited', matchedCount: 1 },
    });
    expect(await home.json([...args, '-w', 'n>100'])).toEqual({
      exit: 3,
      value: { lines: [], status: 'complete', matchedCount: 0 },
    });
  });

  it('stops at the limit, over all files', async () => {
    const { stdout } = await home.han(['jsonl', 'filter', many, odd, '-w', 'n>=5', '--limit', '3']);
    expect(stdout).toBe('{"n":5}\n{"n":6}\n{"n":7}\n');
    const both = await home.han(['jsonl', 'filter', odd, file, '-w', 'type=user', '--limit', '4', '-H']);
    expect(both.stdout.split('\n')[3]).toBe(`${file}:${lines[0]}`);
  });

  it('counts', async () => {
    expect(await home.han(['jsonl', 'filter', many, '-w', 'n>=99000', '-c'])).toEqual({
      stdout: '1000\n',
      stderr: '',
      exit: 0,
    });
    const args = ['jsonl', 'filter', many, odd, '-', '-w', 'n<5', '--count'];
    const { stdout, exit } = await hanWith(home, oddText, args);
    expect(stdout).toBe(`5 ${many}\n3 ${odd}\n3 standard input\n11 total\n`.replace(/^(\d) /gm, ' $1 '));
    expect(exit).toBe(0);
    expect(await home.han(['jsonl', 'filter', many, '-w', 'n<0', '-c'])).toMatchObject({
      stdout: '0\n',
      exit: 3,
    });
    expect(await home.json(['jsonl', 'filter', many, odd, '-w', 'n<5', '-c'])).toEqual({
      exit: 0,
      value: {
        status: 'complete',
        files: [
          { filePath: many, matchedCount: 5, scannedCount: 100_000 },
          { filePath: odd, matchedCount: 3, scannedCount: 7 },
        ],
        matchedCount: 8,
      },
    });
  });

  it.each([[[]], [['--count']]])('reads the others when one cannot be read: %j', async (options) => {
    const args = ['jsonl', 'filter', 'nowhere.jsonl', odd, '-w', 'n=2', ...options];
    const { stdout, stderr, exit } = await home.han(args);
    expect(stdout).toContain(options.length === 0 ? '{"n":2' : `1 ${odd}`);
    expect(stderr).toMatch(/^error: .*nowhere\.jsonl.* \(FILE_NOT_FOUND\)\nhelp: .+\n$/);
    expect(exit).toBe(1);
  });

  it.each([
    [['-w', 'type~=(']],
    [['-w', 'message[x]=1']],
    [['--filters', '{"fieldPath":"type","operator":"like","value":"x"}']],
    [['--filters', '{"fieldPath":"type"}']],
    [['--filters', '{}']],
    [['--filters', '{"fieldPath":"type","operator":"eq","value":{}}']],
    [['--since', 'today', '--time-field', 'a[']],
  ])('ends with 2 for the wrong condition %j, shown as it was typed', async (args) => {
    for (const more of [[], ['--count'], ['--json'], ['nowhere.jsonl']]) {
      const { stdout, stderr, exit } = await home.han(['jsonl', 'filter', file, ...args, ...more]);
      expect({ stdout, exit }).toEqual({ stdout: '', exit: 2 });
      const typed = args.at(-1) ?? '';
      expect(more.includes('--json') ? JSON.parse(stderr).error.message : stderr).toContain(
        args[0] === '-w' || typed === 'a[' ? JSON.stringify(typed) : typed,
      );
      expect(stderr).toMatch(/INVALID_FILTER/);
    }
  });
});

describe('a pipe', () => {
  it('shows every match as soon as it is known', async () => {
    const running = new Running(home.start(['jsonl', 'filter', '-w', 'n>0']));
    for (const n of [1, 2, 3]) {
      running.child.stdin?.write(`{"n":0}\n{"n":${n}}\n`);
      await running.until(({ stdout }) => stdout.endsWith(`{"n":${n}}\n`));
    }
    running.child.stdin?.end('{"n":4}');
    expect(await running.ended).toEqual({
      stdout: '{"n":1}\n{"n":2}\n{"n":3}\n{"n":4}\n',
      stderr: '',
      exit: 0,
    });
  });

  it('ends the program at the limit, although its input goes on', async () => {
    const child = home.start(['jsonl', 'filter', '-w', 'n', '--limit', '1']);
    child.stdin?.write('{"n":0}\n{"n":1}\n');
    expect(await resultOf(child)).toEqual({ stdout: '{"n":0}\n', stderr: '', exit: 0 });
  });

  it('ends the program with 130 on Ctrl-C, what was found printed', async () => {
    const running = new Running(home.start(['jsonl', 'filter', '-w', 'n']));
    running.child.stdin?.write('{"n":0}\n');
    await running.until(({ stdout }) => stdout !== '');
    expect(await running.end('SIGINT')).toEqual({ stdout: '{"n":0}\n', stderr: '', exit: 130 });
  });

  it('ends a JSON document in order on Ctrl-C', async () => {
    const running = new Running(home.start(['jsonl', 'filter', '-w', 'n', '--json']));
    running.child.stdin?.write('{"n":0}\n');
    await running.until(({ stdout }) => stdout.includes('content'));
    const { stdout, exit } = await running.end('SIGINT');
    expect(exit).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ lines: [{ content: '{"n":0}' }], status: 'partial' });
  });

  it.each([
    ['filter', '-w', 'n>=0'],
    ['page', '--limit', '100000'],
    ['tail', '-n', '100000'],
  ])('that is closed by its reader ends %s quietly', async (...args) => {
    const command = [process.execPath, bin, 'jsonl', ...args, many].map((word) => `'${word}'`).join(' ');
    // The exit code of han stands in the file: a shell gives that of the last program of a pipe.
    const script = `{ ${command}; echo $? > exit; } | head -n 1; cat exit`;
    const shell = spawn('sh', ['-c', script], { cwd: home.folder, env: home.environment() });
    expect(await resultOf(shell)).toEqual({ stdout: '{"n":0}\n0\n', stderr: '', exit: 0 });
  });
});

it('reads many lines and loses none, however slow the reader is', async () => {
  const child = home.start(['jsonl', 'filter', many, '-w', 'n>=0']);
  child.stdout?.pause();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const ended = resultOf(child);
  child.stdout?.resume();
  const { stdout, exit } = await ended;
  expect(exit).toBe(0);
  expect(stdout === numbered(100_000)).toBe(true);
});
