// Usage of models and calls of tools: the shape of the answers, and that both forms of each function agree.
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { newPlace, type Place, transcript, write } from './contract/transcripts';

let place: Place;
beforeEach(async () => {
  place = newPlace();
  write(place.file(1), transcript(6, 1));
  await native.indexProjectDirectoryAsync(place.dbPath, place.projectDir);
});

const figures = [
  'replyCount',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheCreationTokens',
  'cacheHourTokens',
  'webSearchRequests',
  'webFetchRequests',
  'costNanoDollars',
  'costDollars',
  'unpricedReplies',
];

describe('queryUsage', () => {
  it('has the fields of its group, and figures that are numbers', async () => {
    for (const groupBy of ['day', 'model', 'project', 'session'] as const) {
      const report = native.queryUsage(place.dbPath, { groupBy });
      expect(await native.queryUsageAsync(place.dbPath, { groupBy })).toStrictEqual(report);
      expect(Object.keys(report.total).sort()).toStrictEqual([...figures].sort());
      expect(report.rowCount).toBe(report.rows.length);
      for (const row of report.rows) {
        expect(Object.keys(row)).toEqual(expect.arrayContaining(figures));
        expect(typeof row.costDollars).toBe('number');
      }
    }
  });

  it('takes null for what is absent', () => {
    const nothing = { groupBy: null, since: null, until: null, project: null, sessionId: null, model: null };
    expect(native.queryUsage(place.dbPath, { ...nothing, limit: null, pricesPath: null })).toStrictEqual(
      native.queryUsage(place.dbPath),
    );
  });

  it('rejects and throws with the same code', async () => {
    const bad = { pricesPath: place.projectDir };
    expect(() => native.queryUsage(place.dbPath, bad)).toThrow(
      expect.objectContaining({ code: 'NOT_A_FILE' }),
    );
    await expect(native.queryUsageAsync(place.dbPath, bad)).rejects.toMatchObject({ code: 'NOT_A_FILE' });
  });
});

describe('queryCallFigures', () => {
  it('is the same in both forms', async () => {
    const { dbPath } = place;
    const told = native.queryCallFigures(dbPath, { limit: 5 });
    expect(await native.queryCallFiguresAsync(dbPath, { limit: 5 })).toStrictEqual(told);
    expect(Object.keys(told).sort()).toStrictEqual([
      'agents',
      'callCount',
      'compactionCount',
      'errorCount',
      'fileCount',
      'files',
      'linesAdded',
      'linesRemoved',
      'tools',
    ]);
    expect(() => native.queryCallFigures(dbPath, { since: 'soon' })).toThrow(
      expect.objectContaining({ code: 'INVALID_TIMESTAMP' }),
    );
  });
});
