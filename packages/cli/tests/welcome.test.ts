import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generated, Home } from './han.js';

describe('han welcome', () => {
  it('indexes the transcripts of the machine and shows what can be done', async () => {
    const home = new Home();
    const { stdout, stderr, exit } = await home.han(['welcome'], { CLAUDE_CONFIG_DIR: generated });
    expect({ stderr, exit }).toEqual({ stderr: '', exit: 0 });
    expect(stdout).not.toContain('sample');
    expect(stdout).toMatch(/^Indexed 6 files \(1\.3 MB\) in [\d.]+ s, [\d.]+ [kM]B\/s\.$/m);
    expect(stdout).toMatch(/^The database now holds 5 sessions and [\d,]+ messages from 6 files/m);
    expect(stdout).toContain('Most recent sessions');
    expect(stdout).toMatch(/^A search: \S+$/m);
    const next = stdout.slice(stdout.indexOf('Try next')).trimEnd().split('\n').slice(2);
    expect(next).toHaveLength(3);
    expect(next.join('\n')).not.toContain('--db');
    // What it says can be tried can be tried.
    for (const line of next) {
      const [, ...args] = line
        .trim()
        .replace(/^node /, '')
        .split(' ');
      expect([line, (await home.han(args)).exit]).toEqual([line, 0]);
    }
  });

  it('shows the sample where there are no transcripts, in a database of its own', async () => {
    const home = new Home();
    const { stdout, exit } = await home.han(['welcome']);
    expect(exit).toBe(0);
    expect(stdout).toContain('This machine has no transcripts yet');
    expect(stdout).toMatch(/^Indexed \d+ files?/m);
    const sample = join(home.folder, 'data', 'sample.db');
    expect(stdout).toContain(`Database: ${sample}`);
    expect(stdout).toContain('--db data/sample.db');
    expect(existsSync(home.dbPath)).toBe(false);
    expect((await home.han(['stats'])).exit).toBe(4);
  });

  it('tells the same as JSON', async () => {
    const home = new Home();
    const { value, exit } = await home.json(['welcome', '--config-dir', generated]);
    expect(exit).toBe(0);
    expect(value).toMatchObject({
      source: 'transcripts',
      configDirs: [generated],
      dbPath: home.dbPath,
      report: { status: 'complete', filesIndexed: 6 },
      stats: { sessions: 5 },
      sessions: expect.arrayContaining([expect.objectContaining({ id: expect.any(String) })]),
      search: { query: expect.any(String), page: { items: expect.any(Array) } },
    });
  });
});
