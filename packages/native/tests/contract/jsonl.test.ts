// The forms of the JSONL functions that do not block, beside those that do.
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import native from '../../index.js';
import { newPlace, type Place, timeOf, transcript, write } from './transcripts';

const call = native as unknown as Record<string, (...values: unknown[]) => unknown>;

/** What the functions take behind the path of the file; a limit is an option of the form that does not block. */
const further: Record<string, { values: unknown[]; limit?: number; wrong: unknown[] }> = {
  jsonlCountLines: { values: [], wrong: [] },
  jsonlStats: { values: [], wrong: [] },
  jsonlReadPage: { values: [1, 2], wrong: [-1, 2] },
  jsonlReadReverse: { values: [2], wrong: [0.5] },
  jsonlReadLines: { values: [[3, 1]], wrong: [[-1]] },
  jsonlReadIndexed: { values: [{ lineOffsets: [0] }, [0]], wrong: [{ lineOffsets: [Number.NaN] }, [0]] },
  jsonlBuildIndex: { values: [], wrong: [] },
  jsonlLoadIndex: { values: [], wrong: [] },
  jsonlUpdateIndex: { values: [], wrong: [] },
  jsonlFilter: {
    values: [[{ fieldPath: 'type', operator: 'eq', value: 'user' }]],
    limit: 1,
    wrong: [[{ fieldPath: 'type', operator: 'is' }]],
  },
  jsonlFilterTimeRange: {
    values: ['timestamp', timeOf(1), timeOf(3)],
    limit: 2,
    wrong: ['timestamp', '', timeOf(3)],
  },
};

async function outcome(work: () => unknown): Promise<unknown> {
  try {
    return { answer: await work() };
  } catch (error) {
    return { code: (error as { code: unknown }).code, message: (error as Error).message };
  }
}

it('every one of them is here', () => {
  const pairs = Object.keys(native).filter((name) => name.startsWith('jsonl') && `${name}Async` in native);
  expect(pairs.sort()).toEqual(Object.keys(further).sort());
});

describe.each(Object.entries(further))('%s', (name, { values, limit, wrong }) => {
  const both = async (file: (place: Place) => string, given: unknown[]) => {
    const outcomes: unknown[] = [];
    for (const suffix of ['', 'Async']) {
      const place = newPlace();
      utimesSync(write(place.file(), transcript(6)), 1000, 1000);
      const last = limit === undefined ? [] : [suffix === '' ? limit : { limit }];
      const result = await outcome(() => call[name + suffix]?.(file(place), ...given, ...last));
      outcomes.push(JSON.parse(JSON.stringify(result).replaceAll(place.folder, 'folder')));
    }
    expect(outcomes[1]).toStrictEqual(outcomes[0]);
    return outcomes[0];
  };

  it('answers alike without blocking', async () => {
    expect(await both((place) => place.file(), values)).toHaveProperty('answer');
  });

  it('fails alike without blocking', async () => {
    expect(await both((place) => join(place.folder, 'missing.jsonl'), values)).toHaveProperty(
      'code',
      'FILE_NOT_FOUND',
    );
    if (wrong.length > 0) {
      expect(await both((place) => place.file(), wrong)).toMatchObject({
        code: expect.stringMatching(/^INVALID_/),
      });
    }
  });
});
