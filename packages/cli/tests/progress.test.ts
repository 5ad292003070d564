import { Writable } from 'node:stream';
import type { IndexProgress } from '@han/client';
import { describe, expect, it } from 'vitest';
import { barText, startProgress } from '../src/output/progress.js';

function progress(part: Partial<IndexProgress>): IndexProgress {
  return {
    phase: 'index',
    filesTotal: 340,
    filesDone: 34,
    bytesTotal: 200_000_000,
    bytesDone: 20_000_000,
    messages: 1000,
    elapsedMs: 1000,
    bytesPerSecond: 20_000_000,
    ...part,
  };
}

function memory() {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return { stream, text: () => text };
}

describe('the bar', () => {
  it('shows share, bytes, files, rate and time left', () => {
    const text = barText(progress({}), 120);
    expect(text).toContain(' 10%');
    expect(text).toContain('20.0 MB of 200.0 MB  34 of 340 files  20.0 MB/s  0:09 left');
    expect(text.match(/█/g)?.length).toBe(3);
  });

  it.each([30, 40, 60, 80, 100, 200])('fits %i cells', (cells) => {
    expect(barText(progress({}), cells).length).toBeLessThan(cells);
    expect(barText(progress({ bytesDone: 200_000_000, filesDone: 340 }), cells).length).toBeLessThan(cells);
  });

  it('says 100% only when everything is done', () => {
    expect(barText(progress({ bytesDone: 199_999_999 }), 80)).toContain(' 99%');
    expect(barText(progress({ bytesDone: 200_000_000 }), 80)).toContain('100%');
    expect(barText(progress({ bytesDone: 0, bytesTotal: 0 }), 80)).toContain('100%');
  });

  it('names the other phases', () => {
    expect(barText(undefined, 80)).toBe('looking for transcripts');
    expect(barText(progress({ phase: 'scan' }), 80)).toBe('looking for transcripts, 340 files');
    expect(barText(progress({ phase: 'finish' }), 80)).toBe('finishing');
  });
});

describe('plain lines', () => {
  it('come every three seconds', async () => {
    const { stream, text } = memory();
    const display = await startProgress('lines', stream, 80);
    for (const elapsedMs of [100, 2900, 3100, 3200, 6000, 6100]) {
      display.update(progress({ elapsedMs, bytesDone: elapsedMs * 20_000 }));
    }
    display.stop();
    expect(text().split('\n')).toEqual([
      '31%, 62.0 MB of 200.0 MB, 34 of 340 files, 20.0 MB/s, 0:07 left',
      '61%, 122.0 MB of 200.0 MB, 34 of 340 files, 20.0 MB/s, 0:04 left',
      '',
    ]);
  });
});

describe('no progress', () => {
  it('writes nothing', async () => {
    const { stream, text } = memory();
    const display = await startProgress('none', stream, 80);
    display.update(progress({ elapsedMs: 60_000 }));
    display.stop();
    expect(text()).toBe('');
  });
});
