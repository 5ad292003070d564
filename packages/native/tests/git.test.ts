// Git repositories from JavaScript: what comes back, what is thrown, and that the twins are the same off the thread.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';

const settings = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', GIT_TERMINAL_PROMPT: '0' };
const person = ['-c', 'user.name=Zoë', '-c', 'user.email=zoe@example.com', '-c', 'core.quotePath=false'];

function git(folder: string, ...args: string[]): string {
  const env = { ...process.env, ...settings };
  return execFileSync('git', [...person, ...args], { cwd: folder, env, encoding: 'utf8' }).trimEnd();
}

let around: string;
let root: string;
beforeEach(() => {
  around = realpathSync(mkdtempSync(join(tmpdir(), 'han-git-')));
  root = join(around, 'project');
  mkdirSync(join(root, 'src'), { recursive: true });
  git(root, 'init', '--quiet', '--initial-branch=main');
  writeFileSync(join(root, 'README'), 'one\ntwo\nthree\n');
  writeFileSync(join(root, 'src/ü.ts'), 'export {};\n');
  git(root, 'add', '.');
  git(root, 'commit', '--quiet', '-m', 'first');
  git(root, 'mv', 'README', 'READ ME');
  writeFileSync(join(root, 'src/ü.ts'), 'export {};\nconst a = 1;\n');
  git(root, 'commit', '--quiet', '--all', '-m', 'second');
});

function thrownBy(work: () => unknown): { code: string; message: string } {
  try {
    work();
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('nothing was thrown');
}

describe('facts', () => {
  it('are those of the git program', () => {
    git(root, 'remote', 'add', 'origin', 'git@example.com:team/project.git');
    const folder = join(root, 'src');
    expect(native.getGitBranch(folder)).toBe(git(folder, 'branch', '--show-current'));
    expect(native.getGitRoot(folder)).toBe(git(folder, 'rev-parse', '--show-toplevel'));
    expect(native.getGitCommonDir(folder)).toBe(join(root, '.git'));
    expect(native.getGitRemoteUrl(folder)).toBe('git@example.com:team/project.git');
    expect(native.getGitInfo(folder)).toStrictEqual({
      branch: 'main',
      remote: 'git@example.com:team/project.git',
      repoName: 'project',
    });
  });

  it('are null or absent without a repository, and in a detached head', async () => {
    for (const folder of [around, join(around, 'gone')]) {
      expect(native.getGitBranch(folder)).toBeNull();
      expect(native.getGitRoot(folder)).toBeNull();
      expect(native.getGitCommonDir(folder)).toBeNull();
      expect(native.getGitRemoteUrl(folder)).toBeNull();
      expect(native.getGitInfo(folder)).toStrictEqual({});
      expect(await native.getGitInfoAsync(folder)).toStrictEqual({});
    }
    expect(native.getGitInfo(root)).toStrictEqual({ branch: 'main' });
    git(root, 'checkout', '--quiet', '--detach');
    expect(native.getGitBranch(root)).toBeNull();
    expect(native.getGitInfo(root)).toStrictEqual({});
  });
});

describe('answers', () => {
  it('are those of the git program, with and without blocking', async () => {
    expect(native.gitLsFiles(root)).toStrictEqual(git(root, 'ls-files').split('\n'));
    expect(native.gitLsFiles(join(root, 'src'))).toStrictEqual(['ü.ts']);
    expect(await native.gitLsFilesAsync(root)).toStrictEqual(native.gitLsFiles(root));

    const log = native.gitLog(root);
    expect(log.map(({ hash }) => hash).join('\n')).toBe(git(root, 'log', '--format=%H'));
    expect(log[0]).toStrictEqual({
      hash: git(root, 'rev-parse', 'HEAD'),
      shortHash: git(root, 'rev-parse', '--short=8', 'HEAD'),
      message: 'second',
      authorName: 'Zoë',
      authorEmail: 'zoe@example.com',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
    });
    expect(native.gitLog(root, 1)).toStrictEqual(log.slice(0, 1));
    expect(await native.gitLogAsync(root, null)).toStrictEqual(log);

    const stats = [
      { path: 'READ ME', additions: 0, deletions: 0, changeType: 'renamed', oldPath: 'README' },
      { path: 'src/ü.ts', additions: 1, deletions: 0, changeType: 'modified' },
    ];
    expect(native.gitDiffStat(root, 'HEAD~1', 'HEAD')).toStrictEqual(stats);
    expect(await native.gitDiffStatAsync(root, 'HEAD~1', 'HEAD')).toStrictEqual(stats);

    expect(native.gitChangedFiles(root, 'HEAD~1')).toStrictEqual(stats);
    expect(await native.gitChangedFilesAsync(root, 'HEAD')).toStrictEqual([]);
    expect(native.gitMergeBase(root, 'HEAD', 'HEAD~1')).toBe(git(root, 'rev-parse', 'HEAD~1'));
    expect(await native.gitMergeBaseAsync(root, 'HEAD', 'HEAD')).toBe(git(root, 'rev-parse', 'HEAD'));
    writeFileSync(join(root, 'new'), 'new');
    const status = {
      branch: 'main',
      staged: 0,
      unstaged: 0,
      untracked: 1,
      conflicted: 0,
      entries: [{ path: 'new', status: '??' }],
    };
    expect(native.gitStatus(root)).toStrictEqual(status);
    expect(await native.gitStatusAsync(join(root, 'src'))).toStrictEqual(status);

    expect(native.gitShowFile(root, 'HEAD~1', 'README')).toBe('one\ntwo\nthree\n');
    expect(await native.gitShowFileAsync(root, 'HEAD', 'READ ME')).toBe('one\ntwo\nthree\n');
  });

  it('of commits and lines are those of the git program', async () => {
    const all = native.gitCommitsBetween(root);
    expect(all).toStrictEqual({ items: native.gitLog(root), hasMore: false });
    expect(await native.gitCommitsBetweenAsync(root, null)).toStrictEqual(all);
    const first = native.gitCommitsBetween(root, { limit: 1 });
    expect(first).toMatchObject({ items: all.items.slice(0, 1), hasMore: true });
    expect(
      await native.gitCommitsBetweenAsync(root, { limit: 1, cursor: first.nextCursor ?? null }),
    ).toStrictEqual({
      items: all.items.slice(1),
      hasMore: false,
    });
    expect(
      native.gitCommitsBetween(root, { since: '2001-01-01T00:00:00Z', from: 'HEAD~1' }).items,
    ).toHaveLength(1);
    expect(native.gitCommitsBetween(root, { until: '2001-01-01T00:00:00Z' }).items).toStrictEqual([]);

    expect(native.gitLogPath(root, 'READ ME').items).toHaveLength(1);
    const followed = native.gitLogPath(root, 'READ ME', { follow: true });
    expect(followed.items.map(({ hash }) => hash).join('\n')).toBe(
      git(root, 'log', '--follow', '--format=%H', '--', 'READ ME'),
    );
    expect(await native.gitLogPathAsync(root, 'READ ME', { follow: true })).toStrictEqual(followed);

    const hunks = native.gitBlame(root, 'src/ü.ts');
    const [last, before] = all.items;
    const originalPath = 'src/ü.ts';
    expect(hunks).toStrictEqual([
      { startLine: 1, lineCount: 1, commit: before, originalPath, originalStartLine: 1 },
      { startLine: 2, lineCount: 1, commit: last, originalPath, originalStartLine: 2 },
    ]);
    expect(await native.gitBlameAsync(root, 'src/ü.ts', { startLine: 2, endLine: 9 })).toStrictEqual(
      hunks.slice(1),
    );
    expect(native.gitBlame(root, 'src/ü.ts', { revision: 'HEAD~1' })).toStrictEqual(hunks.slice(0, 1));
    expect(native.gitBlame(root, 'READ ME')[0]?.originalPath).toBe('README');
  });

  it('are refused outside of a repository, in the words that callers know', async () => {
    const refused = {
      code: 'GIT_NOT_A_REPOSITORY',
      message: `[GIT_NOT_A_REPOSITORY] Not a git repository: ${around}`,
    };
    for (const work of [
      () => native.gitLsFiles(around),
      () => native.gitWorktreeList(around),
      () => native.gitLog(around),
      () => native.gitShowFile(around, 'HEAD', 'README'),
      () => native.gitDiffStat(around, 'HEAD', 'HEAD'),
    ]) {
      expect(thrownBy(work)).toMatchObject(refused);
    }
    await expect(native.gitLsFilesAsync(around)).rejects.toMatchObject(refused);
    await expect(native.gitWorktreeListAsync(around)).rejects.toMatchObject(refused);
    await expect(native.gitLogAsync(around)).rejects.toMatchObject(refused);
    await expect(native.gitShowFileAsync(around, 'HEAD', 'x')).rejects.toMatchObject(refused);
    await expect(native.gitDiffStatAsync(around, 'HEAD', 'HEAD')).rejects.toMatchObject(refused);
    await expect(native.gitWorktreeAddAsync(around, 'x', 'y')).rejects.toMatchObject(refused);
    await expect(native.gitWorktreeRemoveAsync(around, 'x')).rejects.toMatchObject(refused);
  });

  it('of numbers and revisions that are none are errors with a code', () => {
    expect(thrownBy(() => native.gitLog(root, -1))).toMatchObject({ code: 'INVALID_ARGUMENT' });
    for (const work of [
      () => native.gitBlame(root, 'READ ME', { startLine: 0 }),
      () => native.gitBlame(root, 'READ ME', { startLine: 1.5 }),
      () => native.gitBlame(root, 'READ ME', { startLine: 99 }),
      () => native.gitCommitsBetween(root, { limit: 1001 }),
      () => native.gitLogPath(root, '../x'),
    ]) {
      expect(thrownBy(work)).toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
    expect(thrownBy(() => native.gitCommitsBetween(root, { since: 'now' }))).toMatchObject({
      code: 'INVALID_TIMESTAMP',
    });
    expect(thrownBy(() => native.gitShowFile(root, 'HEAD', 'gone'))).toMatchObject({ code: 'GIT_NOT_FOUND' });
    expect(thrownBy(() => native.gitDiffStat(root, '--output=x', 'HEAD'))).toMatchObject({
      code: 'GIT_NOT_FOUND',
    });
    writeFileSync(join(root, 'bytes'), Buffer.from([0xff, 0xfe]));
    git(root, 'add', '.');
    git(root, 'commit', '--quiet', '-m', 'bytes');
    expect(thrownBy(() => native.gitShowFile(root, 'HEAD', 'bytes'))).toMatchObject({ code: 'GIT_NOT_TEXT' });
  });

  it('name a format that is not read', () => {
    const other = join(around, 'sha256');
    git(around, 'init', '--quiet', '--object-format=sha256', other);
    expect(thrownBy(() => native.getGitInfo(other))).toMatchObject({ code: 'GIT_UNSUPPORTED' });
  });
});

describe('work trees and branches', () => {
  it('are made, listed from wherever, and removed', async () => {
    expect(native.gitCreateBranch(root, 'feature')).toBeUndefined();
    expect(git(root, 'branch', '--list', 'feature').trim()).toBe('feature');
    expect(native.gitWorktreeAdd(root, '../linked', 'feature')).toBeUndefined();
    const linked = join(around, 'linked');
    const list = [
      { path: root, name: 'project', head: 'main', isMain: true, isLocked: false },
      { path: linked, name: 'linked', head: 'feature', isMain: false, isLocked: false },
    ];
    expect(native.gitWorktreeList(linked)).toStrictEqual(list);
    expect(await native.gitWorktreeListAsync(root)).toStrictEqual(list);
    git(root, 'worktree', 'lock', '--reason', 'away', linked);
    expect(native.gitWorktreeList(root)[1]).toMatchObject({ isLocked: true, lockReason: 'away' });
    git(root, 'worktree', 'unlock', linked);

    writeFileSync(join(linked, 'new'), 'new');
    expect(thrownBy(() => native.gitWorktreeRemove(root, linked))).toMatchObject({
      code: 'GIT_CONFLICT',
      message: expect.stringContaining('git worktree failed: '),
    });
    await expect(native.gitWorktreeRemoveAsync(root, linked)).rejects.toMatchObject({ code: 'GIT_CONFLICT' });
    expect(native.gitWorktreeRemove(root, linked, true)).toBeUndefined();
    expect(native.gitWorktreeList(root)).toHaveLength(1);
    expect(await native.gitWorktreeAddAsync(root, linked, 'feature')).toBeUndefined();
    expect(await native.gitWorktreeRemoveAsync(root, linked, null)).toBeUndefined();
  });

  it('whose names begin with a dash are only names', () => {
    expect(thrownBy(() => native.gitCreateBranch(root, '--delete'))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('git branch failed: --delete'),
    });
    expect(thrownBy(() => native.gitWorktreeAdd(root, '../x', '--detach'))).toMatchObject({
      code: 'GIT_NOT_FOUND',
    });
    native.gitCreateBranch(root, 'feature');
    native.gitWorktreeAdd(root, '--force', 'feature');
    expect(native.gitWorktreeList(root)[1]?.path).toBe(join(root, '--force'));
    native.gitWorktreeRemove(root, '--force');
    expect(native.gitWorktreeList(root)).toHaveLength(1);
  });
});
