// Which database a call uses: the one its path names, however many are open; and for calls without a path the `han.db`
// that was used last, else the one that the environment names.
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as native from '../../index.js';
import { root, run, temporaryFolder } from '../processes';
import { newPlace, record, sessionId, transcript, write } from './transcripts';

const posix = process.platform !== 'win32';

describe('a path', () => {
  it('is all a call needs: the file and its folders are made, for their owner only', () => {
    const folder = temporaryFolder();
    const db = join(folder, 'a', 'b', 'any name.sqlite');
    expect(native.listRepos(db)).toEqual([]);
    expect(existsSync(db)).toBe(true);
    if (posix) {
      expect(statSync(db).mode & 0o777).toBe(0o600);
      expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o700);
    }
  });

  it('is initialised any number of times', () => {
    const { dbPath } = newPlace();
    native.upsertRepo(dbPath, { remote: 'r', name: 'r' });
    expect([native.dbInit(dbPath), native.dbInit(dbPath)]).toEqual([true, true]);
    expect(native.listRepos(dbPath)).toHaveLength(1);
  });

  it('is honoured by every call, with several databases open', () => {
    const paths = ['han.db', 'other.db', 'deep/han.db'].map((name) => join(temporaryFolder(), name));
    for (const [index, db] of paths.entries()) {
      native.upsertRepo(db, { remote: `r${index}`, name: 'r' });
      native.upsertProject(db, { slug: `p${index}`, path: '/p', name: 'p' });
      native.upsertSession(db, { id: `s${index}` });
      const content = `needle${index}`;
      const message = {
        id: `m${index}`,
        messageType: 'user',
        timestamp: '2026-01-01T00:00:00Z',
        lineNumber: 0,
      };
      native.insertMessagesBatch(db, `s${index}`, [{ ...message, content }]);
    }
    for (const [index, db] of [...paths.entries()].reverse()) {
      expect(native.listRepos(db).map(({ remote }) => remote)).toEqual([`r${index}`]);
      expect(native.listProjects(db).map(({ slug }) => slug)).toEqual([`p${index}`]);
      expect(native.listSessions(db).map(({ id }) => id)).toEqual([`s${index}`]);
      for (const other of paths.keys()) {
        const mine = other === index;
        expect(native.searchMessages(db, `needle${other}`)).toHaveLength(mine ? 1 : 0);
        expect(native.getMessage(db, `m${other}`) !== null).toBe(mine);
        expect(native.getMessageCount(db, `s${other}`)).toBe(mine ? 1 : 0);
        expect(native.getSession(db, `s${other}`) !== null).toBe(mine);
      }
    }
  });

  it('may be relative to the working folder', async () => {
    const folder = temporaryFolder();
    await child({}, `native.upsertRepo('data/han.db', { remote: 'r', name: 'r' });`, folder);
    expect(native.listRepos(join(folder, 'data/han.db'))).toHaveLength(1);
  });

  it('whose file was deleted or replaced meanwhile means the new file', () => {
    const { dbPath } = newPlace();
    native.upsertRepo(dbPath, { remote: 'r', name: 'r' });
    for (const end of ['', '-wal', '-shm']) rmSync(dbPath + end, { force: true });
    expect(native.listRepos(dbPath)).toEqual([]);
    expect(existsSync(dbPath)).toBe(true);
  });
});

/** Runs code with the addon as `native`, and answers with the JSON that it prints. */
async function child(env: NodeJS.ProcessEnv, code: string, cwd?: string): Promise<unknown> {
  const script = `const native = require(${JSON.stringify(join(root, 'packages/native/index.js'))}); ${code}`;
  const plain = { HAN_DATA_DIR: undefined, CLAUDE_CONFIG_DIR: undefined };
  const { stdout, stderr, ...ended } = await run(process.execPath, ['--eval', script], {
    env: { ...plain, ...env },
    ...(cwd && { cwd }),
  });
  expect({ code: ended.code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout === '' ? undefined : JSON.parse(stdout);
}

describe('a call without a path', () => {
  const answer = 'native.clearReindexFlag(); console.log(JSON.stringify(native.needsReindex()));';

  it.each([
    ['HAN_DATA_DIR', { HAN_DATA_DIR: 'data', CLAUDE_CONFIG_DIR: 'config', HOME: 'home' }, 'data/han.db'],
    ['CLAUDE_CONFIG_DIR/han', { CLAUDE_CONFIG_DIR: 'config', HOME: 'home' }, 'config/han/han.db'],
    ['~/.han', { HOME: 'home', USERPROFILE: 'home' }, 'home/.han/han.db'],
    [
      '~/.han where the others are empty',
      { HAN_DATA_DIR: '', CLAUDE_CONFIG_DIR: '', HOME: 'home', USERPROFILE: 'home' },
      'home/.han/han.db',
    ],
  ])('uses %s, and makes it', async (_, names, expected) => {
    const folder = temporaryFolder();
    const env = Object.fromEntries(
      Object.entries(names).map(([name, value]) => [name, value && join(folder, value)]),
    );
    expect(await child(env, answer)).toBe(false);
    expect(existsSync(join(folder, expected))).toBe(true);
    const told = await child(env, 'console.log(JSON.stringify(native.getNativeInfo().defaultDbPath));');
    expect(told).toBe(join(folder, expected));
  });

  it('leaves the home of whoever runs this alone', () => {
    expect(native.getNativeInfo().defaultDbPath).toContain(
      process.env['HAN_DATA_DIR'] ?? process.env['CLAUDE_CONFIG_DIR'] ?? homedir(),
    );
  });

  it('uses the han.db that was used last, and no file of another name', async () => {
    const folder = temporaryFolder();
    const [data, first, second] = ['data', 'first', 'second'].map((name) => join(folder, name));
    const code = `
      const fs = require('node:fs');
      const exists = (path) => fs.existsSync(path + '/han.db');
      const gone = (path) => fs.rmSync(path, { recursive: true });
      const [data, first, second] = ${JSON.stringify([data, first, second])};
      const seen = [];
      native.dbInit(first + '/han.db');
      native.needsReindex();
      seen.push(['default untouched', !exists(data)]);
      native.listRepos(second + '/han.db');
      native.listRepos(first + '/vectors.db');
      gone(first); gone(second);
      native.needsReindex();
      seen.push(['last used is made anew', exists(second), !exists(first), !exists(data)]);
      native.listRepos(first + '/han.db');
      gone(first); gone(second);
      native.clearReindexFlag();
      seen.push(['the one before again', exists(first), !exists(second), !exists(data)]);
      console.log(JSON.stringify(seen));`;
    expect(await child({ HAN_DATA_DIR: data }, code)).toEqual([
      ['default untouched', true],
      ['last used is made anew', true, true, true],
      ['the one before again', true, true, true],
    ]);
  });

  it('says of a new database that it needs no rescan, and of one that is opened again too', async () => {
    const env = { HAN_DATA_DIR: temporaryFolder() };
    expect(await child(env, 'console.log(native.needsReindex());')).toBe(false);
    expect(await child(env, 'console.log(native.needsReindex());')).toBe(false);
  });
});

describe('fullScanAndIndex', () => {
  it.each([
    ['CLAUDE_CONFIG_DIR', (folder: string) => ({ CLAUDE_CONFIG_DIR: join(folder, '.claude') })],
    ['~/.claude', (folder: string) => ({ HOME: folder, USERPROFILE: folder })],
  ])('reads the projects below %s', async (_, env) => {
    const folder = temporaryFolder();
    const projects = join(folder, '.claude', 'projects');
    write(join(projects, '-home-ann-ferry', `${sessionId(1)}.jsonl`), transcript(4, 1));
    write(join(projects, '-home-ann-tide', `${sessionId(2)}.jsonl`), transcript(2, 2));
    const db = join(folder, 'han.db');
    const code = `console.log(JSON.stringify(native.fullScanAndIndex(${JSON.stringify(db)})));`;
    const results = (await child({ HAN_DATA_DIR: folder, ...env(folder) }, code)) as native.IndexResult[];
    expect(results.map((result) => [result.sessionId, result.messagesIndexed]).sort()).toEqual([
      [sessionId(1), 4],
      [sessionId(2), 2],
    ]);
    expect(native.getSession(db, sessionId(1))).toMatchObject({ sourceConfigDir: join(folder, '.claude') });
    expect(await child({ HAN_DATA_DIR: folder, ...env(folder) }, code)).toEqual([]);
  });

  it('of a config folder without projects finds nothing', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'empty'));
    const code = `console.log(JSON.stringify(native.fullScanAndIndex(${JSON.stringify(join(folder, 'han.db'))})));`;
    expect(await child({ CLAUDE_CONFIG_DIR: join(folder, 'empty') }, code)).toEqual([]);
  });
});

it('a database is shared by processes: what one writes, the others read', async () => {
  const { dbPath } = newPlace();
  native.dbInit(dbPath);
  const line = record(0);
  const code = `
    native.upsertSession(${JSON.stringify(dbPath)}, { id: 's' });
    native.insertMessagesBatch(${JSON.stringify(dbPath)}, 's',
      [{ id: '${line['uuid']}', messageType: 'user', timestamp: '${line['timestamp']}', lineNumber: 0 }]);`;
  await child({}, code);
  expect(native.getMessageCount(dbPath, 's')).toBe(1);
});
