import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sampleWords } from '../src/commands/welcome.js';
import { programName, shellWord } from '../src/context.js';
import { CommandFailure, tell } from '../src/failures.js';
import { interruptible } from '../src/interrupt.js';
import { agentArgument, projectArgument, wholeNumber } from '../src/options.js';
import { fetchPage } from '../src/paging.js';
import { readRange } from '../src/range.js';

describe('options', () => {
  it('are whole numbers within bounds', () => {
    const read = wholeNumber(1, 1000);
    expect([read('1'), read('1000')]).toEqual([1, 1000]);
    for (const text of ['0', '1001', '-1', '1.5', '1e3', '', 'ten', ' 5']) {
      expect(() => read(text), text).toThrow('whole number from 1 to 1000');
    }
  });

  it('make a path of a project absolute, and nothing else', () => {
    expect(projectArgument('.')).toBe(process.cwd());
    expect(projectArgument('./a')).toBe(resolve('a'));
    expect(projectArgument('/a/b/')).toBe('/a/b');
    for (const text of ['my-app', '-home-ann-my-app', '.dotted', 'a/b']) {
      expect(projectArgument(text)).toBe(text);
    }
  });

  it('call the conversation outside of all agents main', () => {
    expect([agentArgument('main'), agentArgument('a881341')]).toEqual(['', 'a881341']);
  });

  it('refuse a range that ends before it begins', () => {
    expect(() => readRange({ since: '2026-11-02', until: '2026-11-01' })).toThrow('is not before');
    expect(readRange({})).toEqual({});
    const day = readRange({ since: '2026-11-01', until: '2026-11-01' });
    expect(Date.parse(day.until ?? '') - Date.parse(day.since ?? '')).toBeGreaterThan(22 * 3_600_000);
  });
});

describe('pages', () => {
  const pages = ['', 'two', 'three'];
  const asked: (string | undefined)[] = [];
  const fetch = ({ cursor }: { cursor?: string }) => {
    asked.push(cursor);
    const index = pages.indexOf(cursor ?? '');
    const next = pages[index + 1];
    return {
      items: [index],
      hasMore: next !== undefined,
      ...(next === undefined ? {} : { nextCursor: next }),
    };
  };

  it('are found by number', async () => {
    expect((await fetchPage({}, fetch)).items).toEqual([0]);
    expect((await fetchPage({ page: 3 }, fetch)).items).toEqual([2]);
    expect(await fetchPage({ page: 9 }, fetch)).toEqual({ items: [], hasMore: false });
  });

  it('are found by cursor at once', async () => {
    asked.length = 0;
    expect((await fetchPage({ cursor: 'three' }, fetch)).items).toEqual([2]);
    expect(asked).toEqual(['three']);
  });
});

describe('failures', () => {
  it('are told with code and remedy, without the code in front', () => {
    const failure = new CommandFailure(4, 'NO_DATABASE', 'there is none', 'make one');
    expect(tell(failure)).toEqual({
      exit: 4,
      code: 'NO_DATABASE',
      message: 'there is none',
      remedy: 'make one',
    });
    const error = Object.assign(new Error('[DB_BUSY] open a.db'), { code: 'DB_BUSY', remedy: 'wait' });
    expect(tell(error)).toEqual({ exit: 1, code: 'DB_BUSY', message: 'open a.db', remedy: 'wait' });
    const loading = Object.assign(new Error('[ADDON_NOT_FOUND] load it: no such file. Install it.'), {
      code: 'ADDON_NOT_FOUND',
      remedy: 'Install it.',
    });
    expect(tell(loading)).toMatchObject({ message: 'load it: no such file', remedy: 'Install it.' });
    expect(tell('odd')).toEqual({ exit: 1, code: 'UNKNOWN', message: 'odd' });
  });
});

describe('interruptible work', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('is aborted by %s, finishes in order, and asks for exit code %i', async (signal, exit) => {
    const before = process.listenerCount(signal);
    const answer = await interruptible(async (abort) => {
      process.emit(signal);
      await Promise.resolve();
      return abort.aborted;
    });
    expect(answer).toEqual({ value: true, exit });
    expect(process.listenerCount(signal)).toBe(before);
  });

  it('asks for nothing when no signal came, and lets go of the signals when it fails', async () => {
    const before = process.listenerCount('SIGINT');
    expect(await interruptible(() => Promise.resolve(7))).toEqual({ value: 7, exit: undefined });
    await expect(interruptible(() => Promise.reject(new Error('odd')))).rejects.toThrow('odd');
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});

describe('the tour', () => {
  it('says how to call the program again', () => {
    expect(programName('/usr/local/bin/han')).toBe('han');
    expect(programName('/home/ann/app/node_modules/@han/cli/bin/han.mjs')).toBe('han');
    expect(programName(resolve('bin/han.mjs'))).toBe('node bin/han.mjs');
    expect(programName(resolve('my clone/han.mjs'))).toBe("node 'my clone/han.mjs'");
  });

  it('quotes for the shell only what needs it', () => {
    expect(['pool', '/a/b.db', "it's", 'two words', ''].map(shellWord)).toEqual([
      'pool',
      '/a/b.db',
      "'it'\\''s'",
      "'two words'",
      "''",
    ]);
  });

  it('picks words worth searching for', () => {
    const words = sampleWords([{ title: 'Fix the connection pool' }, { firstPrompt: 'fix a leaking pool' }]);
    expect(words[0]).toBe('connection');
    expect(words).toContain('leaking');
    expect(words).not.toContain('the');
    expect(sampleWords([])).toEqual(['error', 'test']);
  });
});
