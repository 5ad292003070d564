// The index functions and the listings: what they answer, what they store, what a second call does.
import { appendFileSync, mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../../index.js';
import { lineId, newPlace, type Place, record, sessionId, timeOf, transcript, write } from './transcripts';

let place: Place;
let db: string;
beforeEach(() => {
  place = newPlace();
  db = place.dbPath;
});

const bytes = (text: string) => Buffer.byteLength(text);

describe('indexSessionFile', () => {
  it('stores a transcript, its session and its project', () => {
    const text = transcript(5);
    const result = native.indexSessionFile(db, write(place.file(), text));
    expect(result).toStrictEqual({
      sessionId: sessionId(),
      messagesIndexed: 5,
      totalMessages: 5,
      isNewSession: true,
      filePath: place.file(),
      bytesRead: bytes(text),
      brokenLines: 0,
    });
    const project = native.getProjectByPath(db, '/home/ann/ferry');
    expect(project).toMatchObject({
      slug: '-home-ann-ferry',
      name: 'ferry',
      isWorktree: false,
      sourceConfigDir: place.configDir,
    });
    expect(native.getSession(db, sessionId())).toStrictEqual({
      id: sessionId(),
      projectId: project?.id,
      status: 'active',
      transcriptPath: place.file(),
      sourceConfigDir: place.configDir,
      lastIndexedLine: 4,
    });
    expect(native.getLastIndexedLine(db, sessionId())).toBe(4);
    expect(native.getMessage(db, lineId(1))).toStrictEqual({
      id: lineId(1),
      sessionId: sessionId(),
      messageType: 'assistant',
      role: 'assistant',
      speaker: 'assistant',
      content: 'text 1',
      rawJson: JSON.stringify(record(1)),
      timestamp: timeOf(1),
      lineNumber: 1,
      sourceFileName: `${sessionId()}.jsonl`,
      sourceFileType: 'main',
      indexedAt: expect.any(String),
    });
  });

  it('reads only what is new, and keeps the session ended', () => {
    write(place.file(), transcript(2));
    native.indexSessionFile(db, place.file());
    native.endSession(db, sessionId());
    const unchanged = native.indexSessionFile(db, place.file());
    expect(unchanged).toStrictEqual({
      sessionId: sessionId(),
      messagesIndexed: 0,
      totalMessages: 2,
      isNewSession: false,
      filePath: place.file(),
      bytesRead: 0,
      brokenLines: 0,
    });
    const more = `${JSON.stringify(record(2))}\n`;
    appendFileSync(place.file(), more);
    expect(native.indexSessionFile(db, place.file())).toMatchObject({
      messagesIndexed: 1,
      totalMessages: 3,
      isNewSession: false,
      bytesRead: bytes(more),
    });
    expect(native.getSession(db, sessionId())).toMatchObject({ status: 'completed', lastIndexedLine: 2 });
  });

  it('answers a file whose session nothing tells with an error inside', () => {
    const file = write(join(place.projectDir, 'notes.jsonl'), '{"type":"user","message":{"content":"x"}}\n');
    const result = native.indexSessionFile(db, file);
    expect(result).toMatchObject({
      sessionId: '',
      messagesIndexed: 0,
      totalMessages: 0,
      isNewSession: false,
      error: expect.stringContaining('SESSION_UNKNOWN'),
    });
    expect(native.listSessions(db)).toEqual([]);
  });

  it('takes the config folder that is given, else that of the path', () => {
    write(place.file(), transcript(1));
    native.indexSessionFile(db, place.file(), '/elsewhere');
    expect(native.getSession(db, sessionId())?.sourceConfigDir).toBe('/elsewhere');
  });

  it('books the messages of an agent to the session that started it', () => {
    write(place.file(), transcript(2));
    const agentFile = join(place.projectDir, sessionId(), 'subagents', 'agent-a1b2c3.jsonl');
    const lines = [0, 1].map((line) => ({
      ...record(line, `agent ${line}`),
      uuid: lineId(line, 9),
      agentId: 'a1b2c3',
      isSidechain: true,
    }));
    write(agentFile, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    expect(native.indexSessionFile(db, agentFile)).toMatchObject({
      sessionId: sessionId(),
      messagesIndexed: 2,
      isNewSession: true,
    });
    expect(native.indexSessionFile(db, place.file())).toMatchObject({
      messagesIndexed: 2,
      totalMessages: 4,
      isNewSession: false,
    });
    // Whichever comes first: the main transcript is the session's own, and the counters of lines are those of the files.
    expect(native.getSession(db, sessionId())).toMatchObject({
      transcriptPath: place.file(),
      lastIndexedLine: 1,
    });
    expect(native.listSessionMessages(db, sessionId(), null, 'a1b2c3')).toHaveLength(2);
    expect(native.listSessionMessages(db, sessionId(), null, '')).toHaveLength(2);
  });

  it('fills toolInput with the input of a call', () => {
    const input = { command: 'ls -la', description: 'list' };
    const line = {
      ...record(1),
      message: { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'Bash', input }] },
    };
    native.indexSessionFile(db, write(place.file(), `${JSON.stringify(line)}\n`));
    const [message] = native.listSessionMessages(db, sessionId());
    expect(message).toMatchObject({ toolName: 'Bash', content: '[Tool: Bash]' });
    expect(JSON.parse(message?.toolInput ?? '')).toEqual(input);
  });
});

describe('indexProjectDirectory', () => {
  it('indexes the transcripts of the folder and of its agents, one result each', () => {
    for (const session of [1, 2]) write(place.file(session), transcript(session, session));
    const agent = join(place.projectDir, sessionId(1), 'subagents', 'agent-abc.jsonl');
    write(agent, `${JSON.stringify({ ...record(0), uuid: lineId(0, 9), agentId: 'abc' })}\n`);
    write(join(place.projectDir, 'notes.txt'), 'no transcript');
    const results = native.indexProjectDirectory(db, place.projectDir);
    expect(results.map(({ filePath, messagesIndexed }) => [filePath, messagesIndexed]).sort()).toEqual(
      [
        [place.file(1), 1],
        [place.file(2), 2],
        [agent, 1],
      ].sort(),
    );
    expect(native.getMessageCountsBatch(db, [sessionId(1), sessionId(2)])).toEqual({
      [sessionId(1)]: 2,
      [sessionId(2)]: 2,
    });
    expect(native.indexProjectDirectory(db, place.projectDir)).toEqual([]);
    appendFileSync(place.file(1), `${JSON.stringify(record(1))}\n`);
    expect(native.indexProjectDirectory(db, place.projectDir, null)).toMatchObject([
      { sessionId: sessionId(1), messagesIndexed: 1, isNewSession: false },
    ]);
  });

  it('of what is no folder finds nothing', () => {
    const file = write(place.file(), transcript(1));
    expect(native.indexProjectDirectory(db, file)).toEqual([]);
    expect(native.indexProjectDirectory(db, join(place.folder, 'nowhere'))).toEqual([]);
  });
});

const listings = { listSessionFiles: native.listSessionFiles, listJsonlFiles: native.listJsonlFiles };

describe.each(Object.entries(listings))('%s', (_, list) => {
  it('lists the JSONL files of a folder, newest first', () => {
    const folder = place.projectDir;
    for (const [file, second] of [
      ['a.jsonl', 10],
      ['b.jsonl', 30],
      ['c.jsonl', 20],
      ['d.txt', 40],
    ] as const) {
      utimesSync(write(join(folder, file), file.repeat(second)), second, second);
    }
    mkdirSync(join(folder, 'folder'));
    write(join(folder, 'folder', 'deep.jsonl'), '');
    expect(list(folder)).toStrictEqual(
      [
        ['b.jsonl', 30],
        ['c.jsonl', 20],
        ['a.jsonl', 10],
      ].map(([file, second]) => ({
        name: file,
        path: join(folder, String(file)),
        size: 7 * Number(second),
        modified: Number(second) * 1000,
      })),
    );
  });

  it('of a missing or an empty folder is empty', () => {
    expect(list(join(place.folder, 'nowhere'))).toEqual([]);
    expect(list(place.folder)).toEqual([]);
  });
});

it('listJsonlFiles filters by the beginning and the end of the name before its extension', () => {
  const folder = place.projectDir;
  for (const name of ['agent-1.jsonl', 'agent-2-han.jsonl', 'one-han.jsonl', 'one.jsonl'])
    write(join(folder, name), '');
  const names = (prefix?: string | null, suffix?: string | null) =>
    native
      .listJsonlFiles(folder, prefix, suffix)
      .map(({ name }) => name)
      .sort();
  expect(names('agent-')).toEqual(['agent-1.jsonl', 'agent-2-han.jsonl']);
  expect(names(null, '-han')).toEqual(['agent-2-han.jsonl', 'one-han.jsonl']);
  expect(names('agent-', '-han')).toEqual(['agent-2-han.jsonl']);
  expect(names('', '')).toHaveLength(4);
  expect(names(undefined, '.jsonl')).toEqual([]);
});
