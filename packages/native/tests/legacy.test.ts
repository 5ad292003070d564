// The folder where an older program kept its index. Each call is in a process with a home of its own: never at the home
// of whoever runs the tests.
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run, temporaryFolder } from './processes';

const addon = new URL('../index.js', import.meta.url).href;

/** The answers of `has`, `cleanup` and `has` again, or the code of what is thrown. */
async function cleanUp(home: string): Promise<unknown> {
  const code = `
    import native from ${JSON.stringify(addon)};
    const answers = [native.hasLegacyDatabase, native.cleanupLegacyDatabase, native.hasLegacyDatabase].map((work) => {
      try { return work(); } catch ({ code }) { return code; }
    });
    console.log(JSON.stringify(answers));`;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '--eval', code], {
    env: { HOME: home, USERPROFILE: home },
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

it('is removed with everything in it', async () => {
  const home = temporaryFolder();
  const memory = join(home, '.claude', 'han', 'memory');
  expect(await cleanUp(home)).toEqual([false, false, false]);
  mkdirSync(join(memory, 'index', 'deep'), { recursive: true });
  writeFileSync(join(memory, 'index', 'deep', 'vectors.db'), 'x');
  writeFileSync(join(memory, 'kept'), 'x');
  expect(await cleanUp(home)).toEqual([true, true, false]);
  expect(existsSync(join(memory, 'index'))).toBe(false);
  expect(existsSync(join(memory, 'kept'))).toBe(true);
});

it('is a folder: a file at its place stays', async () => {
  const home = temporaryFolder();
  const memory = join(home, '.claude', 'han', 'memory');
  mkdirSync(memory, { recursive: true });
  writeFileSync(join(memory, 'index'), 'x');
  expect(await cleanUp(home)).toEqual([false, false, false]);
  expect(existsSync(join(memory, 'index'))).toBe(true);
});

it.skipIf(process.platform === 'win32')('may be a link, which goes without what it leads to', async () => {
  const home = temporaryFolder();
  const memory = join(home, '.claude', 'han', 'memory');
  const target = join(home, 'elsewhere');
  mkdirSync(memory, { recursive: true });
  mkdirSync(target);
  writeFileSync(join(target, 'precious'), 'x');
  symlinkSync(target, join(memory, 'index'));
  expect(await cleanUp(home)).toEqual([true, true, false]);
  expect(existsSync(join(target, 'precious'))).toBe(true);
});
