// Lists cross as text and numbers that a script takes apart; `getMessage` sets property by property. What both give must be
// the same, whatever the rows hold.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, newPlace, thrownBy } from './contract/transcripts';
import { root, run } from './processes';

/** Numbers that look random and are the same in every run. */
function random(seed: number) {
  let state = seed;
  const next = (end: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
  const of = <T>(values: readonly T[]): T => values[next(values.length)] as T;
  return { next, of };
}

const long = 'long text '.repeat(4000);
const texts = [
  '',
  'a',
  'user',
  'twelve chars',
  'thirteen char',
  'nul\0inside',
  'line\nbreak\u2028',
  'caf\u00e9 \u00ff\u0080',
  '\u0100\u07ff',
  '\u65e5\u672c\u8a9e',
  '\u{1f6a2}\u{10ffff}\u{10000}',
  '__proto__',
  '"quotes" and \\',
  'a word that is longer than what counts as a word '.repeat(3),
];
const longTexts = [
  long,
  `${long}\u00e9`,
  `\u{1f6a2}${long}`,
  'x'.repeat(32 * 1024),
  'x'.repeat(32 * 1024 + 1),
];
const lineNumbers = [0, 1, 7, 2 ** 31 - 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER];
const whole = [0, 1, 7, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 1e12];
const reals = [0, 1, -2.5, -1e-300, Number.MIN_VALUE, 0.1];

/** A message with any fields. */
function anyMessage({ next, of }: ReturnType<typeof random>, number: number): native.MessageInput {
  const text = () => (next(200) === 0 ? of(longTexts) : of(texts));
  const optional = {
    agentId: text,
    parentId: text,
    role: text,
    content: text,
    toolName: text,
    toolInput: text,
    toolResult: text,
    rawJson: text,
    sourceFileName: text,
    sourceFileType: text,
    sentimentScore: () => of(reals),
    sentimentLevel: text,
    frustrationScore: () => of(reals),
    frustrationLevel: text,
    inputTokens: () => of(whole),
    outputTokens: () => of(whole),
    cacheReadTokens: () => of(whole),
    cacheCreationTokens: () => of(whole),
    linesAdded: () => of(whole),
    linesRemoved: () => of(whole),
    filesChanged: () => of(whole),
  };
  const odds = 1 + next(4);
  const given = Object.entries(optional).filter(() => next(4) < odds);
  return {
    id: next(2) === 0 ? crypto.randomUUID() : `${of(texts.slice(0, 12))} ${number}`,
    messageType: of(['user', 'assistant', 'system', ...texts.slice(6, 12)]),
    timestamp: new Date(next(2 ** 31) * of([1, 1000, 50_000])).toISOString(),
    lineNumber: of(lineNumbers),
    ...Object.fromEntries(given.map(([field, value]) => [field, value()])),
  };
}

let db: string;
beforeEach(() => {
  db = newPlace().dbPath;
  native.upsertSession(db, { id: 's' });
});

/** Writes messages and says what `getMessage` tells of each, in the order of the list. */
function written(messages: native.MessageInput[]): native.Message[] {
  native.insertMessagesBatch(db, 's', messages);
  return native.listSessionMessages(db, 's').map(({ id }) => native.getMessage(db, id) as native.Message);
}

describe('rows of lists', () => {
  it.each([1, 2, 3, 4])('are what single rows are, whatever they hold (%i)', async (seed) => {
    const choice = random(seed);
    const messages = Array.from({ length: 1500 }, (_, number) => anyMessage(choice, number));
    const expected = written(messages);
    expect(expected).toHaveLength(messages.length);
    const lists = [
      native.listSessionMessages(db, 's'),
      await native.listSessionMessagesAsync(db, 's'),
      [
        ...native.listMessagesPage(db, 's', { limit: 1000, order: 'newest', withRaw: true }).items,
        ...native.listSessionMessages(db, 's', null, null, null, 1000),
      ],
    ];
    for (const list of lists) {
      expect(list).toStrictEqual(expected);
      // The order of the fields as well, and no field that is there without a value.
      expect(JSON.stringify(list)).toBe(JSON.stringify(expected));
      for (const row of list) expect(Object.keys(row).filter((field) => !(field in row))).toEqual([]);
      expect(list.every((row) => Object.getPrototypeOf(row) === Object.prototype)).toBe(true);
    }
    // What was given comes back.
    const byId = new Map(expected.map((message) => [message.id, message]));
    for (const { timestamp, ...message } of messages) {
      expect(byId.get(message.id)).toMatchObject({ ...message, timestamp });
    }
  });

  it('that search finds are the same', () => {
    const choice = random(9);
    const messages = Array.from({ length: 50 }, (_, number) => ({
      ...anyMessage(choice, number),
      content: `harbour ${number}`,
    }));
    const expected = written(messages);
    expect(native.searchMessages(db, 'harbour', 's', 100)).toStrictEqual(expected);
    const hits = native.searchTranscripts(db, 'harbour', { order: 'newest', limit: 100 }).items;
    expect(hits.map(({ messageId }) => messageId)).toEqual(expected.map(({ id }) => id));
    expect(hits[0]).toStrictEqual({
      messageId: expected[0]?.id,
      sessionId: 's',
      messageType: expected[0]?.messageType,
      ...('agentId' in (expected[0] as object) && { agentId: expected[0]?.agentId }),
      ...('toolName' in (expected[0] as object) && { toolName: expected[0]?.toolName }),
      ...('speaker' in (expected[0] as object) && { speaker: expected[0]?.speaker }),
      timestamp: expected[0]?.timestamp,
      score: expect.any(Number),
      snippet: expected[0]?.content,
      highlights: [0, 7],
    });
  });

  it('may have every set of fields, also more than there is code made for', () => {
    const fields = ['linesAdded', 'linesRemoved', 'filesChanged', 'inputTokens', 'outputTokens'] as const;
    const further = ['cacheReadTokens', 'cacheCreationTokens', 'sentimentScore'] as const;
    const messages = Array.from({ length: 256 }, (_, bits) => {
      const given = [...fields, ...further].filter((_, bit) => bits & (1 << bit));
      return {
        id: `m${bits}`,
        messageType: 'user',
        timestamp: '2026-01-01T00:00:00Z',
        lineNumber: bits,
        ...Object.fromEntries(given.map((field) => [field, bits])),
      };
    });
    const expected = written(messages);
    expect(native.listSessionMessages(db, 's')).toStrictEqual(expected);
    expect(JSON.stringify(native.listSessionMessages(db, 's'))).toBe(JSON.stringify(expected));
  });

  it('with the same fields have one hidden class, and are read where no code may be made from text', async () => {
    written(Array.from({ length: 10 }, (_, number) => anyMessage(random(number % 2), number)));
    const script = join(newPlace().folder, 'rows.cjs');
    writeFileSync(
      script,
      `const native = require(process.argv[2]);
      const rows = native.listSessionMessages(process.argv[3], 's');
      const shapes = new Map();
      let same = 0;
      for (const row of rows) {
        const shape = Object.keys(row).join();
        if (shapes.has(shape)) {
          if (!%HaveSameMap(shapes.get(shape), row)) throw new Error(shape);
          same += 1;
        } else shapes.set(shape, row);
      }
      if (same === 0) throw new Error('no two rows with the same fields');
      console.log(JSON.stringify(rows));`,
    );
    const addon = join(root, 'packages/native/index.js');
    const expected = native.listSessionMessages(db, 's');
    for (const flags of [
      ['--allow-natives-syntax'],
      ['--allow-natives-syntax', '--disallow-code-generation-from-strings'],
    ]) {
      const { stdout } = await run(process.execPath, [...flags, script, addon, db]);
      expect(JSON.parse(stdout)).toEqual(expected);
    }
  });
});

describe('a long list without blocking', () => {
  it('lets timers run while it is built', async () => {
    const messages = Array.from({ length: 20_000 }, (_, number) => ({
      id: crypto.randomUUID(),
      messageType: 'user',
      timestamp: new Date(number).toISOString(),
      lineNumber: number,
      content: `message ${number} `.repeat(20),
    }));
    native.insertMessagesBatch(db, 's', messages);
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 0);
    const list = await native.listSessionMessagesAsync(db, 's');
    clearInterval(timer);
    expect(list).toHaveLength(20_000);
    expect(list).toStrictEqual(native.listSessionMessages(db, 's'));
    expect(turns).toBeGreaterThan(1);
  });

  it('fails as the other does', async () => {
    expect(thrownBy(() => native.listSessionMessages('', 's'))).toMatchObject(errorOf('DB_PATH_INVALID'));
    await expect(native.listSessionMessagesAsync('', 's')).rejects.toMatchObject(errorOf('DB_PATH_INVALID'));
    await expect(native.getMessageCountsBatchAsync('', ['s'])).rejects.toMatchObject(
      errorOf('DB_PATH_INVALID'),
    );
    await expect(native.listSessionMessagesAsync(db, 's', null, null, -1)).rejects.toMatchObject(
      errorOf('INVALID_ARGUMENT', 'limit = -1'),
    );
  });
});

describe('counts and times of many sessions', () => {
  const message = { id: 'm', messageType: 'user', timestamp: '2026-01-01T00:00:00Z', lineNumber: 0 };
  const times = {
    sessionId: 's',
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:00:00.000Z',
  };

  it('have every id as a property of its own', async () => {
    native.insertMessagesBatch(db, 's', [message]);
    const ids = ['nobody', 's', '__proto__', 'constructor', '1', 's', '', '\u{1f6a2}'];
    const counts = native.getMessageCountsBatch(db, ids);
    expect(Object.entries(counts).sort()).toEqual(
      [...new Set(ids)].map((id) => [id, id === 's' ? 1 : 0]).sort(),
    );
    expect(Object.getPrototypeOf(counts)).toBe(Object.prototype);
    const spans = native.getSessionTimestampsBatch(db, ids);
    expect(Object.entries(spans).sort()).toEqual(
      [...new Set(ids)].map((sessionId) => [sessionId, sessionId === 's' ? times : { sessionId }]).sort(),
    );
    expect(await native.getMessageCountsBatchAsync(db, ids)).toStrictEqual(counts);
    const later = await native.getSessionTimestampsBatchAsync(db, ids);
    expect(Object.entries(later)).toStrictEqual(Object.entries(spans));
    expect(native.getMessageCountsBatch(db, [])).toStrictEqual({});
    expect(native.getSessionTimestampsBatch(db, [])).toStrictEqual({});
  });

  it('take lists of any length, and one that changes while they are read', async () => {
    native.insertMessagesBatch(db, 's', [message]);
    const ids = Array.from({ length: 50_000 }, (_, number) => `session ${number}`).concat('s');
    const counts = native.getMessageCountsBatch(db, ids);
    expect([Object.keys(counts).length, counts['s'], counts['session 49999']]).toEqual([50_001, 1, 0]);
    expect(Object.keys(native.getSessionTimestampsBatch(db, ids))).toHaveLength(50_001);
    const given = [...ids];
    const pending = native.getMessageCountsBatchAsync(db, given);
    given.fill('other');
    expect(await pending).toEqual(counts);
  });
});
