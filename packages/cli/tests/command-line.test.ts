import { describe, expect, it } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { Home } from './han.js';

const home = new Home();
const commands = ['index', 'search', 'sessions', 'show', 'stats', 'jsonl', 'doctor', 'welcome'];

describe('han', () => {
  it.each([['--version'], ['-V']])('%s prints the version', async (option) => {
    expect(await home.han([option])).toEqual({ stdout: `${packageJson.version}\n`, stderr: '', exit: 0 });
  });

  it.each([[[]], [['--help']], [['help']]])('prints its help with %j', async (args) => {
    const { stdout, stderr, exit } = await home.han(args);
    expect({ stderr, exit }).toEqual({ stderr: '', exit: 0 });
    for (const command of commands) {
      expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    }
    expect(stdout).toContain('Examples:');
    expect(stdout).toContain('Exit codes:');
  });

  it.each(commands)('%s --help shows examples and the options that every command takes', async (command) => {
    const { stdout, exit } = await home.han([command, '--help']);
    expect(exit).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: han ${command}`));
    expect(stdout).toContain(`\n  $ han ${command}`);
    for (const option of ['--db', '--config-dir', '--json', '--no-color', '--quiet']) {
      expect(stdout).toContain(option);
    }
    expect(await home.han(['help', command])).toMatchObject({ stdout, exit: 0 });
  });

  it.each([
    [['serach', 'x'], 'Did you mean search?'],
    [['sessions', '--bogus'], "unknown option '--bogus'"],
    [['sessions', 'extra'], 'too many arguments'],
    [['search'], "missing required argument 'query'"],
    [['search', 'x', '--limit', '0'], 'whole number from 1 to 1000'],
    [['search', 'x', '--role', 'nobody'], 'Allowed choices are user, assistant'],
    [['search', 'x', '--page', '2', '--cursor', 'c'], 'cannot be used with'],
    [['search', 'x', '--since', 'soon'], '--since "soon" is not a time'],
    [['sessions', '--since', 'today', '--until', 'yesterday'], 'is not before'],
    [['show'], "missing required argument 'session'"],
  ])('ends with 2 for %j and says why on stderr', async (args, message) => {
    const { stdout, stderr, exit } = await home.han(args);
    expect({ stdout, exit }).toEqual({ stdout: '', exit: 2 });
    expect(stderr).toContain(message);
  });

  it.each([['search', 'x'], ['sessions'], ['show', 'x'], ['stats']])(
    'ends with 4 and the way out when there is no database: %s',
    async (...args) => {
      const { stdout, stderr, exit } = await home.han(args);
      expect({ stdout, exit }).toEqual({ stdout: '', exit: 4 });
      expect(stderr).toContain(`there is no database at ${home.dbPath} yet (NO_DATABASE)`);
      expect(stderr).toMatch(/^help: .* index$/m);
    },
  );

  it('tells errors as JSON on stderr with --json', async () => {
    const { stdout, stderr, exit } = await home.han(['stats', '--json']);
    expect({ stdout, exit }).toEqual({ stdout: '', exit: 4 });
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'NO_DATABASE',
        message: expect.stringContaining(home.dbPath),
        remedy: expect.stringContaining('index'),
      },
    });
  });
});
