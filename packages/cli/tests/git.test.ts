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

  it('log shows the commits of a path or a time', async () => {
    const log = async (...args: string[]) => {
      const { stdout, exit } = await home.han(['git', 'log', root, ...args, '--json']);
      const messages = (JSON.parse(stdout) as { message: string }[]).map(({ message }) => message);
      expect(exit).toBe(messages.length === 0 ? 3 : 0);
      return messages;
    };
    expect(await log('--path', 'a')).toStrictEqual(['second', 'first']);
    expect(await log('--path', 'a', '--follow', '--limit', '1')).toStrictEqual(['second']);
    expect(await log('--path', 'b')).toStrictEqual([]);
    expect(await log('--since', '1h')).toStrictEqual(['second', 'first']);
    expect(await log('--until', '2001-01-01')).toStrictEqual([]);
    const wrong = await home.han(['git', 'log', root, '--since', 'whenever']);
    expect(wrong.exit).toBe(2);
    const followed = await home.han(['git', 'log', root, '--follow']);
    expect(followed).toMatchObject({ stdout: '', exit: 2 });
    expect(followed.stderr).toContain('--path');
  });

  it('says so when there is nothing', async () => {
    const log = await home.han(['git', 'log', root, '--path', 'b']);
    expect(log).toMatchObject({ stdout: '', stderr: 'No such commits.\n', exit: 3 });
    const stat = await home.han(['git', 'diffstat', 'HEAD', '--folder', root]);
    expect(stat).toMatchObject({ stdout: '', stderr: 'No differences.\n', exit: 0 });
  });

  it('blame shows where lines come from', async () => {
    const { stdout, exit } = await home.han(['git', 'blame', 'a', '--folder', root]);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^ *LINES +COMMIT.*\n *1 +[0-9a-f]{8} .*first\n *2 +[0-9a-f]{8} .*second/);
    const json = await home.han(['git', 'blame', 'a', '--folder', root, '--lines', '2,9', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject([{ startLine: 2, lineCount: 1, originalPath: 'a' }]);
    const old = await home.han(['git', 'blame', 'a', '--folder', root, '--revision', 'HEAD~1', '--json']);
    expect(JSON.parse(old.stdout)).toHaveLength(1);
    for (const lines of ['2,1', '0,1', '2', 'x,y']) {
      const wrong = await home.han(['git', 'blame', 'a', '--folder', root, '--lines', lines]);
      expect(wrong.exit).toBe(2);
    }
    const gone = await home.han(['git', 'blame', 'gone', '--folder', root]);
    expect(gone.exit).toBe(1);
  });

  it('fails with the code outside of a repository', async () => {
    const { stderr, exit } = await home.han(['git', 'log', around]);
    expect(exit).toBe(1);
    expect(stderr).toContain('Not a git repository');
  });
});
