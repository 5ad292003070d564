import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HanClient, HanError } from '@han/client';
import { beforeEach, describe, expect, it } from 'vitest';

let around: string;
let root: string;

function git(...args: string[]): string {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  const all = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args];
  return execFileSync('git', all, { cwd: root, env, encoding: 'utf8' }).trimEnd();
}

beforeEach(() => {
  around = realpathSync(mkdtempSync(join(tmpdir(), 'han-git-')));
  root = around;
  git('init', '--quiet', '--initial-branch=main', 'project');
  root = join(around, 'project');
  writeFileSync(join(root, 'a'), 'a\n');
  git('add', '.');
  git('commit', '--quiet', '-m', 'first');
});

describe('HanClient.git', () => {
  it('tells what a folder belongs to', () => {
    git('remote', 'add', 'origin', 'https://example.com/team/thing.git');
    const { git: namespace } = HanClient;
    expect(namespace.branch(root)).toBe('main');
    expect(namespace.root(root)).toBe(root);
    expect(namespace.commonDir(root)).toBe(join(root, '.git'));
    expect(namespace.remoteUrl(root)).toBe('https://example.com/team/thing.git');
    expect(namespace.info(root)).toMatchObject({ branch: 'main', repoName: 'thing' });
    expect(namespace.branch(around)).toBeNull();
  });

  it('answers the same with and without blocking', async () => {
    writeFileSync(join(root, 'a'), 'a\nb\n');
    git('commit', '--quiet', '--all', '-m', 'second');
    const { git: namespace } = HanClient;
    expect(await namespace.files(root)).toStrictEqual(['a']);
    expect(namespace.filesSync(root)).toStrictEqual(['a']);
    expect((await namespace.log(root)).map(({ message }) => message)).toStrictEqual(['second', 'first']);
    expect(namespace.logSync(root, { maxCount: 1 })).toHaveLength(1);
    expect(await namespace.log(root, { maxCount: 1 })).toStrictEqual(
      namespace.logSync(root, { maxCount: 1 }),
    );
    expect(await namespace.showFile(root, 'HEAD~1', 'a')).toBe('a\n');
    expect(namespace.showFileSync(root, 'HEAD', 'a')).toBe('a\nb\n');
    const first = git('rev-parse', 'HEAD~1');
    expect(await namespace.mergeBase(root, 'HEAD', 'HEAD~1')).toBe(first);
    expect(namespace.mergeBaseSync(root, 'HEAD', 'HEAD~1')).toBe(first);
    writeFileSync(join(root, 'new'), 'new');
    const status = { branch: 'main', staged: 0, unstaged: 0, untracked: 1, conflicted: 0 };
    expect(await namespace.status(root)).toMatchObject(status);
    expect(namespace.statusSync(root).entries).toStrictEqual([{ path: 'new', status: '??' }]);
    expect(await namespace.changedFiles(root, 'HEAD')).toStrictEqual([]);
    expect(namespace.changedFilesSync(root, 'HEAD~1')).toHaveLength(1);
    const stats = [{ path: 'a', additions: 1, deletions: 0, changeType: 'modified' }];
    expect(await namespace.diffStat(root, 'HEAD~1', 'HEAD')).toStrictEqual(stats);
    expect(namespace.diffStatSync(root, 'HEAD~1', 'HEAD')).toStrictEqual(stats);
  });

  it('lists the commits of a time and of a path, and blames lines', async () => {
    writeFileSync(join(root, 'a'), 'a\nb\n');
    git('commit', '--quiet', '--all', '-m', 'second');
    const { git: namespace } = HanClient;
    const messages = ({ items }: { items: { message: string }[] }) => items.map(({ message }) => message);
    const since = new Date(Date.now() - 60_000);
    expect(messages(await namespace.commitsBetween(root, { since }))).toStrictEqual(['second', 'first']);
    expect(messages(namespace.commitsBetweenSync(root, { until: since }))).toStrictEqual([]);
    expect(messages(namespace.commitsBetweenSync(root, { from: 'HEAD~1' }))).toStrictEqual(['second']);
    const first = await namespace.logPath(root, 'a', { limit: 1, follow: true });
    expect(messages(first)).toStrictEqual(['second']);
    const cursor = first.nextCursor;
    expect(messages(namespace.logPathSync(root, 'a', { limit: 1, follow: true, cursor }))).toStrictEqual([
      'first',
    ]);
    const hunks = await namespace.blame(root, 'a');
    expect(hunks.map(({ startLine, commit }) => [startLine, commit.message])).toStrictEqual([
      [1, 'first'],
      [2, 'second'],
    ]);
    expect(namespace.blameSync(root, 'a', { startLine: 2 })).toStrictEqual(hunks.slice(1));
    await expect(namespace.commitsBetween(root, { since: new Date(Number.NaN) })).rejects.toMatchObject({
      code: 'INVALID_TIMESTAMP',
    });
    await namespace.createBranchAsync(root, 'later');
    expect(git('branch', '--list', 'later').trim()).toBe('later');
  });

  it('makes and removes branches and work trees', async () => {
    const { git: namespace } = HanClient;
    namespace.createBranch(root, 'one');
    await namespace.addWorktree(root, '../one', 'one');
    writeFileSync(join(around, 'one/new'), 'new');
    expect(await namespace.worktrees(root)).toStrictEqual(namespace.worktreesSync(join(around, 'one')));
    await expect(namespace.removeWorktree(root, '../one')).rejects.toMatchObject({ code: 'GIT_CONFLICT' });
    await namespace.removeWorktree(root, '../one', { force: true });
    namespace.addWorktreeSync(root, '../one', 'one');
    namespace.removeWorktreeSync(root, '../one');
    expect(namespace.worktreesSync(root)).toHaveLength(1);
  });

  it('fails with a HanError', async () => {
    await expect(HanClient.git.log(around)).rejects.toBeInstanceOf(HanError);
    expect(() => HanClient.git.filesSync(around)).toThrow(HanError);
  });

  it('is the same on a client, until that is closed', () => {
    const client = HanClient.open({ dbPath: join(around, 'han.db') });
    expect(client.git).toBe(HanClient.git);
    client.close();
    expect(() => client.git).toThrow(HanError);
  });
});
