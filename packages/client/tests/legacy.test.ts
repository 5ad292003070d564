import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { HanClient } from '../src/index.js';
import { temporaryFolder } from './archive.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('finds and removes the folder of the older index', () => {
  const home = temporaryFolder();
  vi.stubEnv('HOME', home);
  vi.stubEnv('USERPROFILE', home);
  vi.stubEnv('HAN_DATA_DIR', undefined);
  vi.stubEnv('CLAUDE_CONFIG_DIR', undefined);
  // Never at the home of whoever runs the tests: the addon must see the one of this test.
  expect(HanClient.info().defaultDbPath).toBe(join(home, '.han', 'han.db'));

  expect(HanClient.legacy.exists()).toBe(false);
  expect(HanClient.legacy.remove()).toBe(false);
  const folder = join(home, '.claude', 'han', 'memory', 'index');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'vectors.db'), 'x');
  expect(HanClient.legacy.exists()).toBe(true);
  expect(HanClient.legacy.remove()).toBe(true);
  expect(existsSync(folder)).toBe(false);
  expect(HanClient.legacy.exists()).toBe(false);
});
