// Many processes on one database for some seconds; `node scripts/soak-store.mjs` does it for longer.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root, run } from './processes';

const soak = (...args: string[]) =>
  run(process.execPath, [
    join(root, 'scripts/soak-store.mjs'),
    '--seconds',
    '5',
    '--processes',
    '16',
    ...args,
  ]);

describe('sixteen processes, eight of which write', () => {
  it('lose nothing, store nothing twice, and are never turned away', { timeout: 120_000 }, async () => {
    const { code, stdout, stderr } = await soak();
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    const summary = JSON.parse(stdout);
    expect(summary).toMatchObject({ processes: 16, kills: 0, lostWithKilled: 0, violations: [] });
    // All of them had their turn.
    expect(summary.batches).toBeGreaterThanOrEqual(16);
    expect(summary.reads).toBeGreaterThanOrEqual(8);
  });

  it('lose nothing that was stored when writers are killed', { timeout: 120_000 }, async () => {
    const { code, stdout, stderr } = await soak('--kill');
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
    const summary = JSON.parse(stdout);
    expect(summary.violations).toEqual([]);
    expect(summary.kills).toBeGreaterThan(2);
  });
});
