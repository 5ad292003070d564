#!/usr/bin/env node
// Writes crates/testkit/fixtures/odd: small transcripts, each with one thing wrong, and what a reader must make of them
// (cases.json for tests, README.md for people). With --check nothing is written; it fails where a file differs.
import path from 'node:path';
import { isStarted, root, stop } from './process.mjs';
import { checkTree, writeTree } from './tree.mjs';

const COMMAND = 'node scripts/make-odd-fixtures.mjs';
const FOLDER = path.join(root, 'crates/testkit/fixtures/odd');
const PROJECT = 'projects/-home-dev-odd';

const digits = (number, width) => String(number).padStart(width, '0');
const sessionId = (number) => `0dd00000-0000-4000-8000-${digits(number, 12)}`;
const lineId = (number, line) => `0dd${digits(number, 5)}-0000-4000-9000-${digits(line, 12)}`;
const clock = (number, line) => new Date(Date.UTC(2026, 8, 1, 9, number, line)).toISOString();

/** What the lines of one session share: a writer of records that counts them. */
class Session {
  constructor(number, word) {
    this.number = number;
    this.word = word;
    this.id = sessionId(number);
    this.line = 0;
    this.parent = null;
  }

  entry(type, fields) {
    this.line += 1;
    const uuid = lineId(this.number, this.line);
    const record = {
      parentUuid: this.parent,
      isSidechain: false,
      userType: 'external',
      cwd: '/home/dev/odd',
      sessionId: this.id,
      version: '2.1.39',
      gitBranch: 'main',
      type,
      ...fields,
      uuid,
      timestamp: clock(this.number, this.line),
    };
    this.parent = uuid;
    return record;
  }

  /** A typed prompt that holds the word of the case. */
  prompt(text = `A prompt that must survive: ${this.word}`) {
    return JSON.stringify(this.entry('user', { message: { role: 'user', content: text } }));
  }

  /** An answer that holds the word of the case; one API reply of 3 tokens in and 7 out. */
  answer(text = `An answer that must survive: ${this.word}`) {
    const message = {
      id: `msg_0dd${digits(this.number, 4)}${digits(this.line + 1, 4)}`,
      type: 'message',
      role: 'assistant',
      model: 'sample-model',
      content: [{ type: 'text', text }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: {
        input_tokens: 3,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 0,
        output_tokens: 7,
      },
    };
    return JSON.stringify(
      this.entry('assistant', {
        message,
        requestId: `req_0dd${digits(this.number, 4)}${digits(this.line + 1, 4)}`,
      }),
    );
  }

  summary(text = `A summary that must survive: ${this.word}`) {
    return JSON.stringify({ type: 'summary', summary: text, leafUuid: lineId(this.number, 1) });
  }
}

const joined = (...parts) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
const lines = (...texts) => joined(...texts.flatMap((text) => [text, '\n']));
const broken = (line, reason) => ({ line, reason });

/**
 * The cases. `make` gives the bytes; `records` counts the records that must be indexed, `hits` those of them that hold
 * the word of the case; `broken` lists the lines that must be reported, by number (from 0, as `lineNumber` counts) and code.
 */
const cases = [
  {
    name: 'empty',
    odd: 'a file of 0 bytes',
    expected: 'no rows, no error',
    records: 0,
    hits: 0,
    make: () => Buffer.alloc(0),
  },
  {
    name: 'only-newlines',
    odd: 'nothing but newlines',
    expected: 'no rows, nothing broken',
    records: 0,
    hits: 0,
    make: () => Buffer.from('\n\n\r\n\n'),
  },
  {
    name: 'no-final-newline',
    odd: 'the last record is whole but has no newline',
    expected: 'the last record counts too',
    records: 2,
    hits: 2,
    make: (session) => joined(session.prompt(), '\n', session.answer()),
  },
  {
    name: 'cut-last-line',
    odd: 'the file ends in the middle of a record',
    expected: 'the last line waits for its rest and is not broken yet',
    records: 2,
    hits: 2,
    make: (session) => joined(lines(session.prompt(), session.answer()), session.prompt().slice(0, 180)),
  },
  {
    name: 'cut-in-character',
    odd: 'the file ends inside a character of three bytes',
    expected: 'as cut-last-line; no replacement character appears',
    records: 1,
    hits: 1,
    make: (session) => {
      const whole = lines(session.prompt());
      const cut = Buffer.from(session.prompt('検索'));
      return joined(whole, cut.subarray(0, cut.indexOf('索') + 1));
    },
  },
  {
    name: 'broken-line',
    odd: 'a line in the middle is not JSON',
    expected: 'only that line is lost',
    records: 2,
    hits: 2,
    broken: [broken(1, 'LINE_NOT_JSON')],
    make: (session) =>
      lines(session.prompt(), '{"type":"user","message":{"role":"user","content":', session.answer()),
  },
  {
    name: 'glued-record',
    odd: 'a fragment, then a whole record on the same line: a write was torn and the next one went on',
    expected: 'the whole record is recovered, the fragment is reported',
    records: 3,
    hits: 3,
    broken: [broken(1, 'LINE_RECOVERED')],
    make: (session) => {
      const first = session.prompt();
      const torn = session.prompt().slice(0, 75);
      return lines(first, torn + session.answer(), session.answer());
    },
  },
  {
    name: 'lost-newline',
    odd: 'two whole records on one line',
    expected: 'both are indexed',
    records: 3,
    hits: 3,
    broken: [broken(0, 'LINE_RECOVERED')],
    make: (session) => lines(session.prompt() + session.answer(), session.answer()),
  },
  {
    name: 'invalid-utf8',
    odd: 'a prompt holds the bytes FF FE',
    expected: 'indexed with replacement characters; the original bytes come back raw',
    records: 2,
    hits: 2,
    broken: [broken(0, 'LINE_INVALID_UTF8')],
    make: (session) => {
      const [before, after] = session.prompt(`Bytes ? stand here: ${session.word}`).split('?');
      return joined(before, Buffer.from([0xff, 0xfe]), after, '\n', session.answer(), '\n');
    },
  },
  {
    name: 'crlf',
    odd: 'every line ends in CR LF',
    expected: 'as with LF',
    records: 2,
    hits: 2,
    make: (session) => joined(session.prompt(), '\r\n', session.answer(), '\r\n'),
  },
  {
    name: 'bom',
    odd: 'the file begins with a byte order mark',
    expected: 'the first record counts',
    records: 2,
    hits: 2,
    make: (session) => joined(Buffer.from([0xef, 0xbb, 0xbf]), lines(session.prompt(), session.answer())),
  },
  {
    name: 'nul',
    odd: 'a line of NUL bytes, as a crashed machine leaves it, and NUL bytes before a record',
    expected: 'the line is lost, the record behind the NUL bytes is recovered',
    records: 3,
    hits: 3,
    broken: [broken(1, 'LINE_NOT_JSON'), broken(3, 'LINE_RECOVERED')],
    make: (session) =>
      joined(
        lines(session.prompt()),
        Buffer.alloc(64),
        '\n',
        lines(session.answer()),
        Buffer.alloc(16),
        lines(session.answer()),
      ),
  },
  {
    name: 'nul-escape',
    odd: 'the escape \\u0000 inside a prompt',
    expected: 'indexed; the word behind it is found',
    records: 1,
    hits: 1,
    make: (session) => lines(session.prompt(`before \u0000 after ${session.word}`)),
  },
  {
    name: 'blank-lines',
    odd: 'empty lines and lines of blanks between records',
    expected: 'skipped; line numbers go on counting them',
    records: 2,
    hits: 2,
    make: (session) => lines('', session.prompt(), '', ' \t ', session.answer(), ''),
  },
  {
    name: 'lone-surrogate',
    odd: 'a lone surrogate as the escape \\ud83d, where text was cut inside an emoji',
    expected: 'indexed with a replacement character; the raw line keeps the escape',
    records: 2,
    hits: 2,
    make: (session) =>
      lines(session.prompt(`cut here @ ${session.word}`).replace('@', '\\ud83d'), session.answer()),
  },
  {
    name: 'duplicate-uuid',
    odd: 'the same record stands twice',
    expected: 'shown and counted once',
    records: 2,
    hits: 2,
    make: (session) => {
      const [prompt, answer] = [session.prompt(), session.answer()];
      return lines(prompt, answer, answer);
    },
  },
  {
    name: 'duplicate-key',
    odd: 'the key `type` stands twice in a record; the last one counts, as in JSON.parse',
    expected: 'one record of the type `user`',
    records: 1,
    hits: 1,
    make: (session) => lines(session.prompt().replace('{', '{"type":"progress",')),
  },
  {
    name: 'not-an-object',
    odd: 'lines that are JSON but a string, an array, a number, null',
    expected: 'each is reported, the rest is indexed',
    records: 2,
    hits: 2,
    broken: [1, 2, 3, 4].map((line) => broken(line, 'LINE_NOT_RECORD')),
    make: (session) => lines(session.prompt(), '"text"', '[1,2,3]', '42', 'null', session.answer()),
  },
  {
    name: 'no-type',
    odd: 'objects without a `type`, or with one that is no string',
    expected: 'each is reported, the rest is indexed',
    records: 1,
    hits: 1,
    broken: [0, 1, 2].map((line) => broken(line, 'LINE_NOT_RECORD')),
    make: (session) =>
      lines(
        '{"uuid":"0dd0ffff-0000-4000-9000-000000000000"}',
        '{"type":null}',
        '{"type":7}',
        session.prompt(),
      ),
  },
  {
    name: 'unknown-type',
    odd: 'a record of a type that nobody has seen',
    expected: 'kept as a row of that type, not broken',
    records: 3,
    hits: 2,
    make: (session) =>
      lines(
        session.prompt(),
        JSON.stringify(session.entry('hologram', { payload: { depth: 3 } })),
        session.answer(),
      ),
  },
  {
    name: 'unusual-values',
    odd: 'fields of another JSON type than usual: content null, usage missing, numbers as text, a time that is none',
    expected: 'all are rows, what cannot be read is absent, nothing is broken',
    records: 5,
    hits: 2,
    make: (session) => {
      const entry = (type, fields) => JSON.stringify({ ...session.entry(type, {}), ...fields });
      return lines(
        session.prompt(),
        entry('user', { message: { role: 'user', content: null } }),
        entry('assistant', {
          message: { id: 7, role: 'assistant', content: 'text', usage: { input_tokens: '3' } },
        }),
        entry('system', { timestamp: 'yesterday', cwd: ['/home'], parentUuid: 1 }),
        session.answer(),
      );
    },
  },
  {
    name: 'pretty-printed',
    odd: 'one record written over many lines',
    expected: 'each line is reported, the file does not fail; the whole record after it is indexed',
    records: 1,
    hits: 1,
    broken: [0, 1, 2, 3].map((line) => broken(line, 'LINE_NOT_JSON')),
    make: (session) =>
      lines(
        '{',
        '  "type": "user",',
        '  "message": { "role": "user", "content": "x" }',
        '}',
        session.prompt(),
      ),
  },
  {
    name: 'deep-nesting',
    odd: 'a field nests 2,000 arrays',
    expected: 'no crash; the record is indexed or reported, the others are indexed',
    make: (session) => {
      const deep = session
        .prompt('a deep one')
        .replace('{', `{"deep":${'['.repeat(2000)}${']'.repeat(2000)},`);
      return lines(session.prompt(), deep, session.answer());
    },
  },
  {
    name: 'no-newline-in-sight',
    odd: 'one line of 300 KB with one long word, longer than a reader takes at once',
    expected: 'indexed like any other',
    records: 2,
    hits: 2,
    make: (session) => lines(session.prompt(`${'x'.repeat(300 * 1024)} ${session.word}`), session.answer()),
  },
  {
    name: 'clock-backwards',
    odd: 'the second record is older than the first',
    expected: 'the order of the lines is kept; the session begins with the oldest time',
    records: 2,
    hits: 2,
    make: (session) => {
      const prompt = session.prompt();
      const answer = session
        .answer()
        .replaceAll(/"timestamp":"[^"]+"/g, '"timestamp":"2026-09-01T08:00:00.000Z"');
      return lines(prompt, answer);
    },
  },
];

/** Files whose place in the tree is what is odd. */
function placedFiles() {
  const files = new Map();
  const place = (name, bytes) => files.set(`${PROJECT}/${name}`, bytes);
  const numbered = (number, word) => new Session(number, word);

  place(`${sessionId(51)}.jsonl`, Buffer.alloc(0));
  place(`${sessionId(52)}.jsonl`, lines(numbered(52, 'oddonlysummary').summary()));

  const whole = numbered(53, 'oddresumed');
  const [prompt, answer] = [whole.prompt(), whole.answer()];
  place(`${sessionId(53)}.jsonl`, lines(prompt, answer));
  const resumed = numbered(54, 'oddresumed');
  resumed.line = 2;
  const copies = [prompt, answer].map((line) => line.replaceAll(sessionId(53), sessionId(54)));
  place(`${sessionId(54)}.jsonl`, lines(...copies, resumed.prompt(), resumed.answer()));

  const orphan = numbered(55, 'oddorphan');
  const agentLines = [orphan.prompt(), orphan.answer()].map((line) =>
    line.replace('"isSidechain":false', '"isSidechain":true,"agentId":"a0dd0000000000055"'),
  );
  place(`${sessionId(55)}/subagents/agent-a0dd0000000000055.jsonl`, lines(...agentLines));

  const parent = numbered(56, 'oddbeside');
  place(`${sessionId(56)}.jsonl`, lines(parent.prompt(), parent.answer()));
  const beside = [parent.prompt(), parent.answer()].map((line) =>
    line.replace('"isSidechain":false', '"isSidechain":true,"agentId":"0dd00056"'),
  );
  place('agent-0dd00056.jsonl', lines(...beside));

  const named = numbered(57, 'oddname');
  place('exported session (copy).jsonl', lines(named.prompt(), named.answer()));

  place('notes.txt', Buffer.from('Not a transcript; a scan passes it by.\n'));
  place('sessions-index.json', Buffer.from('{"version":1,"entries":[]}\n'));
  place(
    'folder.jsonl/README',
    Buffer.from('The name of this folder ends like a transcript; a scan does not open it.\n'),
  );
  return files;
}

/** What the placed files are, for the README. */
const placedRows = [
  [`${sessionId(51)}.jsonl`, '0 bytes', 'the name is all there is: no rows, no error'],
  [`${sessionId(52)}.jsonl`, 'nothing but a `summary`', 'the session comes from the name; 1 row'],
  [`${sessionId(53)}.jsonl`, 'a session that was resumed', '2 rows, 1 reply in the ledger'],
  [
    `${sessionId(54)}.jsonl`,
    'its resumption: begins with the same two records under its own session id',
    '4 rows in this session; the copied reply is booked once over both files',
  ],
  [
    `${sessionId(55)}/subagents/agent-a0dd0000000000055.jsonl`,
    'an agent whose main file is gone',
    '2 rows in the session that the folder names, with the agent id',
  ],
  [`${sessionId(56)}.jsonl`, 'the main file of the next one', '2 rows'],
  [
    'agent-0dd00056.jsonl',
    'an agent beside its main file, as 2.0 wrote it',
    '2 rows in the session of its lines',
  ],
  [
    'exported session (copy).jsonl',
    'a name that is no UUID, with blanks',
    'the session comes from the lines; 2 rows',
  ],
  ['notes.txt, sessions-index.json', 'other files', 'left alone'],
  ['folder.jsonl/', 'a folder with the name of a transcript', 'left alone, no error'],
];

function readme(table) {
  const row = (...cells) => `| ${cells.join(' | ')} |\n`;
  return [
    `<!-- Generated by \`${COMMAND}\`. Do not edit. -->\n\n`,
    '# Odd transcripts\n\n',
    'Each file has one thing wrong, and is named by it. A reader must lose nothing but the odd line itself.\n',
    'The session ids are `0dd00000-0000-4000-8000-` and the number of the case; in every case the records that must\n',
    'survive hold one word, `odd` and the name of the case. `cases.json` has the same table for tests. Lines are counted\n',
    'from 0, blank ones too. The names are for people: the program that writes transcripts names them by their session, so\n',
    'a test of the indexer copies a case to `<session>.jsonl` in a project folder first.\n\n',
    row('file', 'session', 'what is odd', 'expected', 'records', 'broken lines'),
    row('---', '---', '---', '---', '---', '---'),
    ...table.map((item) =>
      row(
        `${item.name}.jsonl`,
        `…${digits(item.number, 2)}`,
        item.odd,
        item.expected,
        item.records ?? 'see there',
        item.broken?.map(({ line, reason }) => `${line}: \`${reason}\``).join(', ') || '–',
      ),
    ),
    '\n## By place\n\n',
    `A config folder whose one project, \`${PROJECT}\`, holds files that are odd by their place or name.\n\n`,
    row('file', 'what it is', 'expected'),
    row('---', '---', '---'),
    ...placedRows.map((cells) => row(...cells)),
  ].join('');
}

/** Every file of the folder, by its path in it. */
function oddFixtures() {
  const files = placedFiles();
  const table = cases.map((item, index) => ({
    ...item,
    number: index + 1,
    word: `odd${item.name.replaceAll('-', '')}`,
  }));
  for (const { name, number, word, make } of table)
    files.set(`${name}.jsonl`, make(new Session(number, word)));
  const described = table.map(({ name, number, odd, expected, word, records, hits, broken: reported }) => ({
    file: `${name}.jsonl`,
    session: sessionId(number),
    odd,
    expected,
    word,
    ...(records === undefined ? {} : { records, hits, broken: reported ?? [] }),
  }));
  files.set('cases.json', Buffer.from(`${JSON.stringify(described, null, 2)}\n`));
  files.set('README.md', Buffer.from(readme(table)));
  return files;
}

if (isStarted(import.meta.url)) {
  try {
    if (process.argv.includes('--check')) checkTree(FOLDER, oddFixtures(), COMMAND);
    else writeTree(FOLDER, oddFixtures());
  } catch (error) {
    stop(error);
  }
}
