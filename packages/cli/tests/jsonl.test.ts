import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { footer } from '../src/commands/jsonl/page.js';
import { Home, resultOf } from './han.js';
import { hanWith, numbered, oddLines, oddText, text, writeFile } from './jsonl-files.js';

const home = new Home();
const odd = writeFile(home, 'odd.jsonl', oddText);
const many = writeFile(home, 'many.jsonl', numbered(2500));
const empty = writeFile(home, 'empty.jsonl', '');
mkdirSync(join(home.folder, 'folder'));

const subcommands = ['count', 'page', 'tail', 'filter', 'index'];

describe('han jsonl', () => {
  it('lists its commands', async () => {
    const { stdout, exit } = await home.han(['jsonl', '--help']);
    expect(exit).toBe(0);
    for (const subcommand of subcommands) {
      expect(stdout).toMatch(new RegExp(`^ {2}${subcommand} `, 'm'));
    }
    expect(await home.han(['help', 'jsonl'])).toMatchObject({ stdout, exit: 0 });
  });

  it.each(subcommands)('%s --help shows examples and the options that every command takes', async (name) => {
    const { stdout, exit } = await home.han(['jsonl', name, '--help']);
    expect(exit).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: han jsonl ${name}`));
    expect(stdout).toContain(`\n  $ han jsonl ${name}`);
    for (const option of ['--json', '--no-color', '--quiet']) {
      expect(stdout).toContain(option);
    }
    expect(await home.han(['jsonl', 'help', name])).toMatchObject({ stdout, exit: 0 });
  });

  it.each([
    [[], 'Usage: han jsonl'],
    [['cuont'], 'Did you mean count?'],
    [['count', '-', '-'], '- is named more than once'],
    [['page'], "missing required argument 'file'"],
    [['page', odd, '--limit', '0'], 'whole number from 1 to '],
    [['page', odd, '--offset', '-1'], 'whole number from 0 to '],
    [['tail', odd, '-n', 'x'], 'whole number from 0 to '],
    [['index'], "missing required argument 'files'"],
    [['index', '-'], 'the standard input cannot be indexed'],
    [['filter', odd], 'there is no condition'],
    [['filter', odd, '-w', 'type', '--count', '--limit', '2'], 'cannot be used with'],
    [['filter', odd, '--where', 'type = user'], '--where "type = user": there is a blank in the path'],
    [['filter', odd, '--since', 'soon'], '--since "soon" is not a time'],
  ])('ends with 2 for %j and says why on stderr', async (args, message) => {
    const { stdout, stderr, exit } = await home.han(['jsonl', ...args]);
    expect({ stdout, exit }).toEqual({ stdout: '', exit: 2 });
    expect(stderr).toContain(message);
  });

  const calls = [['count'], ['page'], ['tail'], ['tail', '-f'], ['filter', '-w', 'type'], ['index']];

  it.each(calls)('%s %s ends with 1 for a file that is not there', async (...args) => {
    const { stdout, stderr, exit } = await home.han(['jsonl', ...args, 'nowhere.jsonl']);
    expect({ stdout, exit }).toEqual({ stdout: '', exit: 1 });
    expect(stderr).toMatch(/^error: .*nowhere\.jsonl.* \(FILE_NOT_FOUND\)\nhelp: .+\n$/);
  });

  it.each(calls)('%s %s ends with 1 for a folder', async (...args) => {
    const { stdout, stderr, exit } = await home.han(['jsonl', ...args, 'folder']);
    expect({ stdout, exit }).toEqual({ stdout: '', exit: 1 });
    expect(stderr).toMatch(/^error: .*folder.* \(NOT_A_FILE\)\nhelp: .+\n$/);
  });

  it.each(calls)('%s %s tells errors as JSON on stderr with --json', async (...args) => {
    const { stdout, stderr, exit } = await home.han(['jsonl', ...args, 'nowhere.jsonl', '--json']);
    expect({ stdout, exit }).toEqual({ stdout: '', exit: 1 });
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'FILE_NOT_FOUND' } });
  });

  it('makes no database', async () => {
    await home.han(['jsonl', 'count', odd]);
    expect(statSync(home.dbPath, { throwIfNoEntry: false })).toBeUndefined();
  });
});

describe('han jsonl count', () => {
  it.each([
    [odd, 7],
    [many, 2500],
    [empty, 0],
  ])('prints the lines of %s', async (file, lines) => {
    expect(await home.han(['jsonl', 'count', file])).toEqual({ stdout: `${lines}\n`, stderr: '', exit: 0 });
    const content = readFileSync(join(home.folder, file));
    for (const input of [[], ['-']]) {
      const answer = await hanWith(home, content, ['jsonl', 'count', ...input]);
      expect(answer).toEqual({ stdout: `${lines}\n`, stderr: '', exit: 0 });
    }
  });

  it('prints several files and their total, as wc does', async () => {
    const { stdout, exit } = await hanWith(home, 'a\nb', ['jsonl', 'count', odd, many, '-']);
    expect(stdout).toBe(`   7 ${odd}\n2500 ${many}\n   2 standard input\n2509 total\n`);
    expect(exit).toBe(0);
  });

  it('counts the others when one cannot be read', async () => {
    const { stdout, stderr, exit } = await home.han(['jsonl', 'count', odd, 'nowhere.jsonl', many]);
    expect(stdout).toBe(`   7 ${odd}\n2500 ${many}\n2507 total\n`);
    expect(stderr).toMatch(/^error: .*nowhere\.jsonl.* \(FILE_NOT_FOUND\)$/m);
    expect(exit).toBe(1);
  });

  it('prints JSON', async () => {
    expect(await home.json(['jsonl', 'count', odd, many])).toEqual({
      exit: 0,
      value: {
        status: 'complete',
        files: [
          { filePath: odd, lineCount: 7 },
          { filePath: many, lineCount: 2500 },
        ],
        lineCount: 2507,
      },
    });
  });

  it('ends on Ctrl-C while it waits for its input', async () => {
    const child = home.start(['jsonl', 'count']);
    child.stdin?.write(numbered(10));
    // Nothing is printed that could be waited for.
    await new Promise((resolve) => setTimeout(resolve, 500));
    child.kill('SIGINT');
    // A shell makes 130 of the signal.
    expect(await resultOf(child)).toEqual({ stdout: '', stderr: '', exit: null });
    expect(child.signalCode).toBe('SIGINT');
  });
});

describe('han jsonl page', () => {
  it('prints lines as they stand in the file, blank ones left out', async () => {
    expect(await home.han(['jsonl', 'page', odd])).toEqual({ stdout: text(oddLines), stderr: '', exit: 0 });
  });

  it.each([
    [0, 1],
    [0, 2],
    [1, 2],
    [4, 1],
    [5, 10],
    [6, 1],
  ])('prints from line %i on %i lines, of a file as of the standard input', async (offset, limit) => {
    const args = ['--offset', String(offset), '--limit', String(limit), '--line-numbers'];
    const wanted = oddLines.filter(({ lineNumber }) => lineNumber >= offset).slice(0, limit);
    const stdout = wanted.map(({ lineNumber, content }) => `${lineNumber}:${content}\n`).join('');
    expect(await home.han(['jsonl', 'page', odd, ...args])).toEqual({ stdout, stderr: '', exit: 0 });
    expect(await hanWith(home, oddText, ['jsonl', 'page', '-', ...args])).toEqual({
      stdout,
      stderr: '',
      exit: 0,
    });
  });

  it('gives every line once when it is called with nextOffset', async () => {
    const seen: unknown[] = [];
    for (let offset = 0, hasMore = true; hasMore; ) {
      const { value } = await home.json(['jsonl', 'page', odd, '--offset', String(offset), '--limit', '2']);
      const page = value as { lines: unknown[]; totalLines: number; hasMore: boolean; nextOffset: number };
      seen.push(...page.lines);
      expect(page.totalLines).toBe(7);
      expect(page.nextOffset).toBeGreaterThan(offset);
      ({ nextOffset: offset, hasMore } = page);
    }
    expect(seen).toEqual(oddLines.map((line) => ({ filePath: odd, ...line })));
  });

  it('is as long as it is wanted, and 100 lines else', async () => {
    const lines = numbered(2500).split('\n');
    const { stdout } = await home.han(['jsonl', 'page', many, '--offset', '10', '--limit', '2300']);
    expect(stdout).toBe(`${lines.slice(10, 2310).join('\n')}\n`);
    const standard = await home.han(['jsonl', 'page', many]);
    expect(standard.stdout).toBe(`${lines.slice(0, 100).join('\n')}\n`);
  });

  it('prints JSON of the standard input, without what is not known', async () => {
    const answer = await hanWith(home, oddText, ['jsonl', 'page', '-', '--limit', '2', '--json']);
    expect(JSON.parse(answer.stdout)).toEqual({ lines: oddLines.slice(0, 2), hasMore: true, nextOffset: 3 });
    const all = await hanWith(home, oddText, ['jsonl', 'page', '-', '--json']);
    expect(JSON.parse(all.stdout)).toEqual({ lines: oddLines, hasMore: false, nextOffset: 7 });
  });

  it.each([
    [odd, '7'],
    [odd, '1000000'],
    [empty, '0'],
  ])('ends with 3 when %s has no line %s', async (file, offset) => {
    const args = ['jsonl', 'page', file, '--offset', offset];
    expect(await home.han(args)).toEqual({ stdout: '', stderr: '', exit: 3 });
    const { value, exit } = await home.json(args);
    expect(value).toMatchObject({ lines: [], hasMore: false });
    expect(exit).toBe(3);
    const content = readFileSync(join(home.folder, file));
    const piped = await hanWith(home, content, ['jsonl', 'page', '-', '--offset', offset]);
    expect(piped).toEqual({ stdout: '', stderr: '', exit: 3 });
  });

  it('ends when it has enough, although its input goes on', async () => {
    const child = home.start(['jsonl', 'page', '-', '--limit', '2']);
    child.stdin?.write('{"n":0}\n{"n":1}\n');
    expect(await resultOf(child)).toEqual({ stdout: '{"n":0}\n{"n":1}\n', stderr: '', exit: 0 });
  });

  it('says on a terminal where the next page begins', () => {
    const page = { shown: 100, totalLines: 12_345, hasMore: true, nextOffset: 100 };
    expect(footer(page)).toBe('100 lines of 12,345, more with --offset 100.');
    expect(footer({ ...page, shown: 1, hasMore: false })).toBe('1 line of 12,345; this is the end.');
    expect(footer({ ...page, shown: 0, hasMore: false })).toBe('No line there of 12,345 lines.');
    const piped = { shown: 5, totalLines: undefined, hasMore: true, nextOffset: 9 };
    expect(footer(piped)).toBe('5 lines, more with --offset 9.');
    expect(footer({ ...piped, shown: 0, hasMore: false })).toBe('No line there.');
  });
});

describe('a line that is too long', () => {
  const length = 65 * 1024 * 1024;
  const long = `{"n":1,"text":"${'x'.repeat(length)}"}`;
  const shown = long.slice(0, 64 * 1024);
  const omittedBytes = long.length - shown.length;
  const file = writeFile(home, 'long.jsonl', `{"n":0}\n${long}\n{"n":2}\n`);
  const stdout = `{"n":0}\n${shown}\n{"n":2}\n`;

  it('is cut by page, and said to be', async () => {
    expect(await home.han(['jsonl', 'page', file])).toEqual({
      stdout,
      stderr: `note: line 1 of ${file} is too long: 68.1 MB of it are left out\n`,
      exit: 0,
    });
  });

  it('is cut by tail, and said to be', async () => {
    expect(await home.han(['jsonl', 'tail', file])).toEqual({
      stdout,
      stderr: `note: line at byte 8 of ${file} is too long: 68.1 MB of it are left out\n`,
      exit: 0,
    });
  });

  it('tells what is missing in JSON', async () => {
    const line = { filePath: file, lineNumber: 1, byteOffset: 8, content: shown, omittedBytes };
    const page = await home.han(['jsonl', 'page', file, '--offset', '1', '--limit', '1', '--json']);
    expect(page).toMatchObject({ stderr: '', exit: 0 });
    expect(JSON.parse(page.stdout)).toMatchObject({ lines: [line] });
  });

  it('is counted, and skipped, in bounded memory', async () => {
    expect(await home.han(['jsonl', 'count', file])).toMatchObject({ stdout: '3\n', exit: 0 });
    const filtered = await home.han(['jsonl', 'filter', file, '-w', 'n=2']);
    expect(filtered).toMatchObject({ stdout: '{"n":2}\n', exit: 0 });
  });
});

describe('han jsonl index', () => {
  it('says what it did: built, unchanged, extended', async () => {
    const file = writeFile(home, 'grows.jsonl', numbered(2000));
    const built = await home.han(['jsonl', 'index', file]);
    expect(built).toMatchObject({ stderr: '', exit: 0 });
    expect(built.stdout).toMatch(/^grows\.jsonl: Built .+ \([\d.]+ k?B\); 2,000 lines in 20\.9 kB\.\n$/);
    const same = await home.han(['jsonl', 'index', file]);
    expect(same.stdout).toMatch(/^grows\.jsonl: Unchanged .+; 2,000 lines in 20\.9 kB\.\n$/);
    appendFileSync(join(home.folder, file), numbered(10));
    const more = await home.han(['jsonl', 'index', file]);
    expect(more.stdout).toMatch(/^grows\.jsonl: Extended .+; 2,010 lines in 21\.0 kB, .+ read\.\n$/);
  });

  it('prints JSON, and puts the index where it says', async () => {
    const { value, exit } = await home.json(['jsonl', 'index', odd, many]);
    expect(exit).toBe(0);
    expect(value).toMatchObject({
      status: 'complete',
      files: [
        { filePath: odd, lineCount: 7, fileSize: Buffer.byteLength(oddText) },
        { filePath: many, lineCount: 2500, change: 'built' },
      ],
    });
    const { files } = value as { files: { indexPath: string; indexBytes: number }[] };
    for (const { indexPath, indexBytes } of files) {
      expect(statSync(indexPath).size).toBe(indexBytes);
    }
  });

  it('indexes the others when one cannot be read', async () => {
    const { stdout, stderr, exit } = await home.han(['jsonl', 'index', 'nowhere.jsonl', many]);
    expect(stdout).toMatch(/^many\.jsonl: .*\n$/);
    expect(stderr).toMatch(/^error: .*nowhere\.jsonl.* \(FILE_NOT_FOUND\)$/m);
    expect(exit).toBe(1);
  });

  it('says on Ctrl-C how far it came, and goes on from there', async () => {
    const files = Array.from({ length: 1000 }, (_, n) => writeFile(home, `small-${n}.jsonl`, '{}\n'));
    const child = home.start(['jsonl', 'index', ...files]);
    const ended = resultOf(child);
    while (!existsSync(join(home.folder, 'small-0.jsonl.idx')) && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    child.kill('SIGINT');
    const { stdout, stderr, exit } = await ended;
    const done = stdout.split('\n').length - 1;
    expect(exit).toBe(130);
    expect(done).toBeLessThan(1000);
    expect(stderr).toBe(`Interrupted: ${done} of 1,000 files done.\n`);
    const { value } = await home.json(['jsonl', 'index', ...files]);
    const report = value as { files: { change: string }[] };
    expect(report.files.filter(({ change }) => change === 'unchanged').length).toBeGreaterThanOrEqual(done);
    expect(report.files).toHaveLength(1000);
  });

  it('leaves pages as they are, also after the file was rewritten', async () => {
    const file = writeFile(home, 'rewritten.jsonl', numbered(3000));
    await home.han(['jsonl', 'index', file]);
    writeFileSync(join(home.folder, file), `{"odd":true}\n${numbered(3000)}`);
    const { stdout } = await home.han(['jsonl', 'page', file, '--offset', '2999', '--limit', '1']);
    expect(stdout).toBe('{"n":2998}\n');
  });
});
