import { execFileSync } from 'node:child_process';
import { realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Home, temporaryFolder } from './han.js';

const home = new Home();
const around = realpathSync(temporaryFolder());
const root = join(around, 'project');

function git(folder: string, ...args: string[]): string {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' };
  const all = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args];
  return execFileSync('git', all, { cwd: folder, env, encoding: 'utf8' }).trimEnd();
}

beforeAll(() => {
  git(around, 'init', '--quiet', '--initial-branch=main', 'project');
  writeFileSync(join(root, 'a'), 'one\n');
  git(root, 'add', '.');
  git(root, 'commit', '--quiet', '-m', 'first');
  writeFileSync(join(root, 'a'), 'one\ntwo\n');
  git(root, 'commit', '--quiet', '--all', '-m', 'second');
  git(root, 'remote', 'add', 'origin', 'https://example.com/team/thing.git');
  git(root, 'worktree', 'add', '--quiet', '-b', 'side', '../side');
  writeFileSync(join(root, 'new\u0007name'), '');
});

describe('han git', () => {
  it('info shows branch, remote and folders', async () => {
    const { stdout, exit } = await home.han(['git', 'info', root]);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^repository {2}thing\nbranch {6}main\nremote {6}https:\/\/example.com/);
    const json = await home.han(['git', 'info', root, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ branch: 'main', repoName: 'thing', root });
    const outside = await home.han(['git', 'info', around]);
    expect(outside).toMatchObject({ stdout: '', exit: 3 });
  });

  it('status shows what is not committed, without what a terminal would obey', async () => {
    const { stdout, exit } = await home.han(['git', 'status', root]);
    expect(exit).toBe(0);
    expect(stdout.split('\n')[0]).toBe('main');
    expect(stdout).toMatch(/^\?\? new.*name$/m);
    expect(stdout).not.toContain('\u0007');
    expect(stdout).toContain('0 staged, 0 not staged, 1 unknown, 0 in conflict');
    const json = await home.han(['git', 'status', root, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ untracked: 1 });
  });

  it('worktrees, log and diffstat list', async () => {
    const trees = await home.han(['git', 'worktrees', join(around, 'side')]);
    expect(trees.stdout).toMatch(/project +main +main\n.*side +side/);
    const log = await home.han(['git', 'log', root, '--limit', '1']);
    expect(log.stdout).toContain(git(root, 'rev-parse', '--short=8', 'HEAD'));
    expect(log.stdout).not.toContain('first');
    const stat = await home.han(['git', 'diffstat', 'HEAD~1', '--folder', root, '--json']);
    expect(JSON.parse(stat.stdout)).toStrictEqual([
      { path: 'a', additions: 1, deletions: 0, changeType: 'modified' },
    ]);
  });

  it('fails with the code outside of a repository', async () => {
    const { stderr, exit } = await home.han(['git', 'log', around]);
    expect(exit).toBe(1);
    expect(stderr).toContain('Not a git repository');
  });
});
