import { describe, expect, it } from 'vitest';
import { chooseColor, colorsFor } from '../src/output/color.js';
import { messageLines } from '../src/output/conversation.js';
import { hitLines } from '../src/output/hits.js';
import { writeJsonWithList } from '../src/output/json.js';
import { oneLine, printable } from '../src/output/printable.js';
import { shortIds, uniqueId } from '../src/output/session-id.js';
import type { Sink } from '../src/output/sink.js';
import { paintSnippet } from '../src/output/snippet.js';
import { columnWidths, drawTable } from '../src/output/table.js';
import { cutTo, width, wrap } from '../src/output/text.js';
import { bytes, clock, count, counted, duration, localTime, rate } from '../src/output/units.js';

const plain = colorsFor({ enabled: false, reason: 'a test' });
const colored = colorsFor({ enabled: true, reason: 'a test' });
const esc = '\u001b';

describe('units', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [200_000_000, '200.0 MB'],
    [1.5e9, '1.5 GB'],
  ])('writes %i bytes as %s', (value, text) => expect(bytes(value)).toBe(text));

  it.each([
    [4, '0.00 s'],
    [210, '0.21 s'],
    [9994, '9.99 s'],
    [9999, '10.0 s'],
    [59_900, '59.9 s'],
    [59_960, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [7_620_000, '2 h 07 min'],
  ])('writes %i ms as %s', (value, text) => expect(duration(value)).toBe(text));

  it.each([
    [-5, '0:00'],
    [6100, '0:07'],
    [750_000, '12:30'],
    [3_750_000, '1:02:30'],
  ])('writes %i ms left as %s', (value, text) => expect(clock(value)).toBe(text));

  it('counts', () => {
    expect(count(1_234_567)).toBe('1,234,567');
    expect([counted(1, 'file'), counted(0, 'file'), counted(2, 'reply', 'replies')]).toEqual([
      '1 file',
      '0 files',
      '2 replies',
    ]);
  });

  it('has no rate where no time passed', () => {
    expect(rate(1_000_000, 500)).toBe('2.0 MB/s');
    expect(rate(1, 0)).toBe('');
  });

  it('leaves a text that is no time as it is', () => {
    expect(localTime('odd')).toBe('odd');
    expect(localTime(undefined)).toBe('');
    expect(localTime('2026-11-20T10:00:00.000Z')).toMatch(/^2026-11-(19|20|21) \d\d:\d\d$/);
  });
});

describe('printable', () => {
  it('shows control characters instead of obeying them, one for one', () => {
    const hostile = `${esc}[31mred${esc}]0;title\u0007 \u009b2J \u202edrow\u0000\r\u007f`;
    const shown = printable(hostile);
    expect(shown).toHaveLength(hostile.length);
    expect(shown).toBe('␛[31mred␛]0;title␇ �2J �drow␀␍␡');
  });

  it('keeps line feeds, tabs, and every script', () => {
    const text = 'a\n\tb 日本語 émoji 👩‍👩‍👧';
    expect(printable(text)).toBe(text);
  });

  it('makes one line of many', () => {
    expect(oneLine('  a\r\n\n  b\tc ')).toBe('a b c');
  });
});

describe('text', () => {
  it('cuts to cells, not to characters', () => {
    expect(cutTo('日本語のタイトル', 7)).toBe('日本語…');
    expect(width(cutTo('日本語のタイトル', 8))).toBeLessThanOrEqual(8);
    expect(cutTo('short', 80)).toBe('short');
    expect(cutTo('none', 0)).toBe('');
  });

  it('wraps to cells and breaks what is longer', () => {
    expect(wrap('aaa bbb ccc', 7)).toEqual(['aaa bbb', 'ccc']);
    expect(wrap('  if (a) {\n\tb\n}', 20)).toEqual(['  if (a) {', '    b', '}']);
    expect(wrap('x'.repeat(10), 4)).toEqual(['xxxx', 'xxxx', 'xx']);
    expect(wrap('long '.repeat(50).trim(), Number.POSITIVE_INFINITY)).toHaveLength(1);
  });
});

describe('snippets', () => {
  const mark = (text: string) => `<${text}>`;

  it('paints every highlight', () => {
    expect(paintSnippet('one two three', [0, 3, 8, 13], mark)).toBe('<one> two <three>');
  });

  it('counts in UTF-16 units', () => {
    const snippet = '👩 接続プール';
    expect(paintSnippet(snippet, [3, 8], mark)).toBe('👩 <接続プール>');
  });

  it('shows control characters, inside and outside of highlights', () => {
    expect(paintSnippet(`${esc}a${esc}`, [1, 3], mark)).toBe('␛<a␛>');
  });

  it.each([[[5, 2]], [[0, 99]], [[-1, 2]], [[0]], [[Number.NaN, 1]]])(
    'never loses text over odd highlights %j',
    (highlights) => expect(paintSnippet('hello', highlights, mark).replaceAll(/[<>]/g, '')).toBe('hello'),
  );
});

describe('hits', () => {
  const hit = {
    messageId: 'm',
    sessionId: '4f2a1c9e-0000-4000-8000-000000000001',
    sessionTitle: 'Fix the\npool',
    projectName: 'my-app',
    messageType: 'user',
    speaker: 'user',
    timestamp: '2026-11-20T10:00:00.000Z',
    score: 1,
    snippet: 'the connection pool leaks',
    highlights: [4, 14],
  };

  it('are three lines: where, who and when, what', () => {
    const lines = hitLines(hit, Number.POSITIVE_INFINITY, plain);
    expect(lines).toEqual([
      'my-app · Fix the pool',
      `${hit.sessionId}  ${localTime(hit.timestamp)}  user`,
      '  the connection pool leaks',
    ]);
  });

  it('fit the terminal, colour or not', () => {
    for (const colors of [plain, colored]) {
      for (const line of hitLines({ ...hit, snippet: 'word '.repeat(100) }, 40, colors)) {
        expect(width(line)).toBeLessThanOrEqual(40);
      }
    }
  });

  it('highlight with colour only where colour is wanted', () => {
    expect(hitLines(hit, 80, colored).join('\n')).toContain(`${esc}[33mconnection`);
    expect(hitLines(hit, 80, plain).join('\n')).not.toContain(esc);
  });
});

describe('messages', () => {
  const message = {
    id: 'm',
    sessionId: 's',
    messageType: 'user',
    role: 'user',
    content: Array.from({ length: 100 }, (_, index) => `line ${index}`).join('\n'),
    timestamp: '2026-11-20T10:00:00.000Z',
    lineNumber: 0,
  };

  it('are cut unless they are wanted whole', () => {
    const cut = messageLines(message, 80, plain, false);
    expect(cut).toHaveLength(1 + 24 + 1);
    expect(cut.at(-1)).toContain('--full');
    const full = messageLines(message, 80, plain, true);
    expect(full).toHaveLength(1 + 100);
    expect(full.at(-1)).toBe('  line 99');
  });

  it('say who really spoke, and what a tool was given', () => {
    const call = { ...message, role: 'assistant', speaker: 'assistant', toolName: 'Bash' };
    const lines = messageLines(
      { ...call, content: '[Tool: Bash]', toolInput: '{"command":"ls"}' },
      80,
      plain,
      false,
    );
    expect(lines[0]).toBe(`assistant  ${localTime(message.timestamp)}  Bash`);
    expect(lines.slice(1)).toEqual(['  [Tool: Bash]', '    $ ls']);
    expect(messageLines({ ...message, speaker: 'tool' }, 80, plain, false)[0]).toMatch(/^tool {2}/);
  });

  it('begin with their first line of text', () => {
    const lines = messageLines({ ...message, content: '\n  \n  indented\n\nend\n' }, 80, plain, false);
    expect(lines.slice(1)).toEqual(['    indented', '', '  end']);
  });

  it('have no lines without text', () => {
    expect(messageLines({ ...message, content: ' \n' }, 80, plain, false)).toEqual([]);
  });
});

describe('tables', () => {
  const columns = [{ head: 'ID' }, { head: 'N', align: 'right' as const }, { head: 'TITLE', shrinksTo: 5 }];
  const rows = [
    ['a', '1', 'short'],
    ['bb', '1,234', '日本語のタイトルがとても長い場合'],
  ];

  it('align columns, wide characters included, without trailing blanks', () => {
    expect(drawTable(columns, rows, Number.POSITIVE_INFINITY).split('\n')).toEqual([
      'ID      N  TITLE',
      'a       1  short',
      'bb  1,234  日本語のタイトルがとても長い場合',
    ]);
  });

  it.each([16, 20, 24, 30, 40])('fit %i cells by cutting what may be cut', (cells) => {
    const lines = drawTable(columns, rows, cells).split('\n');
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      expect(width(line)).toBeLessThanOrEqual(cells);
    }
    expect(lines[2]).toContain('1,234');
    expect(lines[2]).toContain('…');
  });

  it('take from the widest first', () => {
    const both = [
      { head: 'A', shrinksTo: 2 },
      { head: 'B', shrinksTo: 2 },
    ];
    expect(columnWidths(both, [['x'.repeat(20), 'y'.repeat(8)]], 20)).toEqual([10, 8]);
    expect(columnWidths(both, [['x'.repeat(20), 'y'.repeat(8)]], 10)).toEqual([4, 4]);
    expect(columnWidths(both, [['x'.repeat(20), 'y'.repeat(8)]], 1)).toEqual([2, 2]);
  });
});

describe('session ids', () => {
  it('are as long as it takes to tell them apart', () => {
    expect(shortIds(['abcdefgh-1', 'bcdefghi-1'])).toEqual(['abcdefgh', 'bcdefghi']);
    expect(shortIds(['abcdefgh-1', 'abcdefgh-2'])).toEqual(['abcdefgh-1', 'abcdefgh-2']);
    expect(shortIds(['short', 'abcdefgh-22'])).toEqual(['short', 'abcdefgh']);
    expect(shortIds([])).toEqual([]);
  });

  it('are as long as it takes to name no other session', () => {
    const all = ['abcdefgh-11', 'abcdefgh-12', 'abcdefgh'];
    const find = (beginning: string, limit: number) =>
      all.filter((id) => id.startsWith(beginning)).slice(0, limit);
    expect(uniqueId('abcdefgh-11', find)).toBe('abcdefgh-11');
    expect(uniqueId('abcdefgh', find)).toBe('abcdefgh');
    expect(uniqueId('xbcdefgh-11', (text) => [text])).toBe('xbcdefgh');
  });
});

describe('colour', () => {
  const terminal = { isTTY: true };

  it.each([
    [terminal, true, {}, true],
    [{}, true, {}, false],
    [terminal, true, { TERM: 'dumb' }, false],
    [terminal, true, { NO_COLOR: '1' }, false],
    [terminal, true, { NO_COLOR: '' }, true],
    [{}, true, { FORCE_COLOR: '1' }, true],
    [terminal, true, { FORCE_COLOR: '0' }, false],
    [terminal, true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    [terminal, false, { FORCE_COLOR: '1' }, false],
  ])('on %j, asked %j, with %j: %j', (stream, asked, environment, enabled) => {
    expect(chooseColor(stream, asked, environment).enabled).toBe(enabled);
  });
});

describe('JSON with a list', () => {
  it.each([[[]], [[{ a: 1 }]], [[{ a: 1 }, { b: 'two\nlines' }]]])('is one document: %j', async (items) => {
    let text = '';
    const write = (piece: string) => {
      text += piece;
      return Promise.resolve();
    };
    const out: Sink = { write, line: (line = '') => write(`${line}\n`) };
    const list = async function* () {
      yield* await Promise.resolve(items);
    };
    await writeJsonWithList(out, { before: { deep: [1] } }, 'items', list(), () => ({ after: true }));
    expect(JSON.parse(text)).toEqual({ before: { deep: [1] }, items, after: true });
    expect(text.endsWith('}\n')).toBe(true);
  });
});
