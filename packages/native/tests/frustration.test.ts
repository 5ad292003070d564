// Signs of frustration through the addon: shapes, errors and figures.
import { beforeEach, describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, newPlace, thrownBy } from './contract/transcripts';

let db: string;
beforeEach(() => {
  db = newPlace().dbPath;
});

const sign = (frustrationLevel: string, frustrationScore: number) => ({
  frustrationLevel,
  frustrationScore,
  userMessage: 'not again',
});
const written = { id: expect.any(String), recordedAt: expect.stringMatching(/Z$/) };

describe('a sign of frustration', () => {
  it('has exactly the fields that have a value', () => {
    expect(native.recordFrustration(db, sign('low', 2.5))).toStrictEqual({ ...sign('low', 2.5), ...written });
    native.upsertSession(db, { id: 's' });
    const whole = { ...sign('high', 7), sessionId: 's', taskId: 't', context: 'c' };
    expect(native.recordFrustration(db, { ...whole, detectedSignals: ['"CAPS"', 'terse'] })).toStrictEqual({
      ...whole,
      ...written,
      detectedSignals: '["\\"CAPS\\"","terse"]',
    });
  });

  it('of an unknown session is DB_CONSTRAINT', () => {
    const input = { ...sign('low', 1), sessionId: 'nobody' };
    expect(thrownBy(() => native.recordFrustration(db, input))).toMatchObject(
      errorOf('DB_CONSTRAINT', 'nobody'),
    );
  });
});

describe('metrics', () => {
  const nothing = {
    totalFrustrations: 0,
    significantFrustrations: 0,
    frustrationRate: 0,
    significantFrustrationRate: 0,
    weightedScore: 0,
    byLevel: '{}',
  };

  it('of nothing are zeros', () => {
    expect(native.queryFrustrationMetrics(db, null, 5)).toStrictEqual(nothing);
    expect(native.queryFrustrationMetrics(db, undefined, 0)).toStrictEqual(nothing);
  });

  it('weigh what is significant', () => {
    for (const [level, score] of [
      ['low', 2],
      ['moderate', 3.5],
      ['high', 7],
    ] as const) {
      native.recordFrustration(db, sign(level, score));
    }
    const figures = {
      totalFrustrations: 3,
      significantFrustrations: 2,
      frustrationRate: 0.75,
      significantFrustrationRate: 0.5,
      weightedScore: 10.5,
      byLevel: '{"high":1,"low":1,"moderate":1}',
    };
    expect(native.queryFrustrationMetrics(db, 'day', 4)).toStrictEqual(figures);
    const rateless = { ...figures, frustrationRate: 0, significantFrustrationRate: 0 };
    expect(native.queryFrustrationMetrics(db, null, 0)).toStrictEqual(rateless);
    expect(native.queryFrustrationMetrics(db, null, -1)).toStrictEqual(rateless);
  });
});
