// Filters on their way through the boundary, time ranges, and searches as jobs. What operators mean is tested where it is
// implemented; here each is used once.
import { describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, thrownBy } from './contract/transcripts';
import { newFile, numbered } from './jsonl-files';

const records = [
  { n: 0, type: 'user', at: '2026-01-01T00:00:00Z', tags: ['a', 'b'], on: true },
  { n: 1, type: 'assistant', at: '2026-01-01T12:00:00.5+02:00', message: { content: [{ type: 'text' }] } },
  { n: 2.5, type: 'user', at: '2026-01-02', nothing: null },
  { n: '3', type: 'system', 'odd.key[0]': 'x', on: false },
];
const content = `${records.map((record) => JSON.stringify(record)).join('\n')}\n\nno JSON\n`;

/** The numbers of the lines that match. */
function matching(...filters: unknown[]): number[] {
  const { lines, matchedCount, scannedCount, status } = native.jsonlFilter(
    newFile(content),
    filters as never,
  );
  expect({ matchedCount, scannedCount, status }).toEqual({
    matchedCount: lines.length,
    scannedCount: 6,
    status: 'complete',
  });
  return lines.map(({ lineNumber }) => lineNumber);
}

function field(fieldPath: string, operator: string, value?: unknown) {
  return value === undefined ? { fieldPath, operator } : { fieldPath, operator, value };
}

describe('a filter', () => {
  it.each<[string, object, number[]]>([
    ['eq', field('type', 'eq', 'user'), [0, 2]],
    ['ne', field('type', 'ne', 'user'), [1, 3]],
    ['gt', field('n', 'gt', 1), [2]],
    ['gt by a text', field('n', 'gt', '1'), [2, 3]],
    ['gte', field('n', 'gte', 2.5), [2]],
    ['lt', field('n', 'lt', 1), [0]],
    ['lte', field('n', 'lte', 1), [0, 1]],
    ['contains', field('type', 'contains', 'st'), [1, 3]],
    ['startsWith', field('type', 'startsWith', 'us'), [0, 2]],
    ['regex', field('type', 'regex', '^(user|sys)'), [0, 2, 3]],
    ['in', { fieldPath: 'n', operator: 'in', values: [0, '2.5', null, true] }, [0, 2]],
    ['exists', field('on', 'exists'), [0, 3]],
    ['exists false', field('on', 'exists', false), [1, 2]],
    ['a boolean', field('on', 'eq', false), [3]],
    ['null', field('nothing', 'eq', null), [2]],
    ['an item', field('message.content[0].type', 'eq', 'text'), [1]],
    ['an item by a dot', field('tags.1', 'eq', 'b'), [0]],
    ['an escaped key', field('odd\\.key\\[0\\]', 'eq', 'x'), [3]],
    ['any', { any: [field('n', 'eq', 0), field('n', 'eq', '3')] }, [0, 3]],
    ['all', { all: [field('type', 'eq', 'user'), field('n', 'gt', 0)] }, [2]],
    ['not', { not: field('on', 'exists') }, [1, 2]],
    ['not of a missing field', { not: field('on', 'eq', true) }, [1, 2, 3]],
    [
      'groups in groups',
      { not: { any: [{ all: [field('n', 'eq', 0)] }, { not: field('on', 'exists') }] } },
      [3],
    ],
  ])('takes %s', (_, filter, lines) => {
    expect(matching(filter)).toEqual(lines);
    expect(matching(filter, field('n', 'exists'))).toEqual(lines);
  });

  it('of no condition matches what is JSON, and several must all hold', () => {
    expect(matching()).toEqual([0, 1, 2, 3]);
    expect(matching(field('type', 'eq', 'user'), field('on', 'exists'))).toEqual([0]);
  });

  it('may be frozen, have fields that are undefined or null, or have them from a class', () => {
    const empty = { any: undefined, all: null, not: undefined, values: null };
    expect(matching(Object.freeze({ ...field('type', 'eq', 'user'), ...empty }))).toEqual([0, 2]);
    class TypeIs {
      fieldPath = 'type';
      operator = 'eq';
      value: string;
      constructor(value: string) {
        this.value = value;
      }
    }
    expect(matching(new TypeIs('user'))).toEqual([0, 2]);
    expect(matching(Object.assign(Object.create(field('type', 'eq')), { value: 'user' }))).toEqual([0, 2]);
    const shared = field('type', 'eq', 'user');
    expect(matching(shared, shared, { any: [shared, shared] })).toEqual([0, 2]);
  });

  it('gives up to a limit of lines and counts on', async () => {
    const file = newFile(numbered(5000));
    const filters = [field('n', 'gte', 1000)] as native.JsonlFilter[];
    const found = native.jsonlFilter(file, filters, 3);
    expect(found.lines.map(({ content }) => JSON.parse(content).n)).toEqual([1000, 1001, 1002]);
    expect(found).toMatchObject({ matchedCount: 4000, scannedCount: 5000, status: 'complete' });
    expect(await native.jsonlFilterAsync(file, filters, { limit: 3 })).toStrictEqual(found);
    expect((await native.jsonlFilterAsync(file, filters, { limit: null })).lines).toHaveLength(4000);
  });
});

describe('what is no filter', () => {
  const self: Record<string, unknown> = {};
  self['not'] = self;
  const both: Record<string, unknown> = {};
  both['any'] = [both, both];
  const deep = (levels: number) => {
    let filter: unknown = field('n', 'exists');
    for (let level = 0; level < levels; level += 1) filter = { not: filter };
    return filter;
  };

  it.each<[string, unknown, string]>([
    [
      'an unknown field',
      { fieldPath: 'a', opreator: 'eq', value: 1 },
      'filters[0].opreator: a condition has no such',
    ],
    ['an unknown field below', { any: [{ not: { path: 'a' } }] }, 'filters[0].any[0].not.path'],
    ['an unknown field that is null', { ...field('a', 'eq', 1), other: null }, 'filters[0].other'],
    ['an unknown operator', field('a', 'equals', 1), 'unknown operator "equals"'],
    ['no operator', { fieldPath: 'a', value: 1 }, 'operator'],
    ['a bad path', field('a..b', 'eq', 1), 'a..b'],
    ['a bad pattern', field('a', 'regex', '('), '"("'],
    ['no value', field('a', 'eq'), 'eq needs a value'],
    ['a value that is undefined', { ...field('a', 'eq'), value: undefined }, 'eq needs a value'],
    ['nothing at all', {}, 'filters[0]'],
    ['two things at once', { ...field('a', 'exists'), any: [] }, 'more than one'],
    ['an empty group', { any: [] }, 'any holds no condition'],
    ['a path that is no text', { fieldPath: 5, operator: 'exists' }, 'filters[0].fieldPath: it is a number'],
    ['an operator that is no text', { fieldPath: 'a', operator: {} }, 'filters[0].operator: it is an object'],
    ['a value that is an object', field('a', 'eq', {}), 'filters[0].value: it is an object'],
    ['a value that is an array', field('a', 'eq', []), 'filters[0].value: it is an array'],
    ['a value that is a bigint', field('a', 'eq', 5n), 'filters[0].value: it is a bigint'],
    ['a value that is a function', field('a', 'eq', () => 1), 'filters[0].value: it is a function'],
    ['a value that is a symbol', field('a', 'eq', Symbol('s')), 'filters[0].value: it is a symbol'],
    ['a value that is not finite', field('a', 'eq', Number.NaN), 'finite'],
    ['values that are no array', { fieldPath: 'a', operator: 'in', values: 'b' }, 'values: it is a string'],
    [
      'values of another kind',
      { fieldPath: 'a', operator: 'in', values: [1, {}] },
      'values: it is an object',
    ],
    ['holes', { fieldPath: 'a', operator: 'in', values: new Array(3) }, 'values: it is undefined'],
    ['a group that is no array', { all: field('a', 'exists') }, 'filters[0].all: it is an object'],
    ['a group of texts', { all: ['a'] }, 'filters[0].all[0]: it is a string'],
    ['not of an array', { not: [field('a', 'exists')] }, 'filters[0].not: it is an array'],
    ['a text', 'type=user', 'filters[0]: it is a string'],
    ['null', null, 'filters[0]: it is null'],
    ['an array', [], 'filters[0]: it is an array'],
    ['one that holds itself', self, 'inside one another'],
    ['one that holds itself twice', both, 'inside one another'],
    ['groups too deep', deep(60), 'inside one another'],
    ['groups much too deep', deep(5000), 'inside one another'],
  ])('%s is INVALID_FILTER', async (_, filter, words) => {
    const file = newFile(content);
    const expected = errorOf('INVALID_FILTER', words);
    const filters = [filter] as native.JsonlFilter[];
    expect(thrownBy(() => native.jsonlFilter(file, filters))).toMatchObject(expected);
    await expect(native.jsonlFilterAsync(file, filters)).rejects.toMatchObject(expected);
    expect(thrownBy(() => native.jsonlOpenReader(file, { filters }))).toMatchObject(expected);
  });

  it.each([5, 'text', {}, null, undefined, new Map()])(
    'a list that is %j is INVALID_ARGUMENT',
    async (filters) => {
      const file = newFile(content);
      expect(thrownBy(() => native.jsonlFilter(file, filters as never))).toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
      await expect(native.jsonlFilterAsync(file, filters as never)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    },
  );

  it('is refused soon, however much there is of it', () => {
    const file = newFile(content);
    const many = Array.from({ length: 50_000 }, () => field('a', 'exists'));
    for (const filters of [many, [{ any: many }], new Array(2 ** 32 - 1), new Array(1_000_000).fill(null)]) {
      expect(thrownBy(() => native.jsonlFilter(file, filters as never))).toMatchObject(
        errorOf('INVALID_FILTER'),
      );
    }
    const values = new Array(2 ** 31).fill(0, 0, 1);
    expect(
      thrownBy(() => native.jsonlFilter(file, [{ fieldPath: 'a', operator: 'in', values }])),
    ).toMatchObject(errorOf('INVALID_FILTER', 'elements'));
  });

  it('leaves what a getter throws as it is', async () => {
    const thrown = new Error('mine');
    const filter = {
      get fieldPath(): string {
        throw thrown;
      },
      operator: 'exists',
    };
    const file = newFile(content);
    expect(thrownBy(() => native.jsonlFilter(file, [filter]))).toBe(thrown);
    await expect(native.jsonlFilterAsync(file, [{ not: filter }])).rejects.toBe(thrown);
    const proxy = new Proxy(
      {},
      {
        ownKeys: () => {
          throw thrown;
        },
      },
    );
    expect(thrownBy(() => native.jsonlFilter(file, [proxy]))).toBe(thrown);
  });
});

describe('a time range', () => {
  const range = (start: string, end: string, limit?: number) => {
    const { lines, ...counts } = native.jsonlFilterTimeRange(newFile(content), 'at', start, end, limit);
    return [lines.map(({ lineNumber }) => lineNumber), counts.matchedCount, counts.scannedCount];
  };

  it('compares moments, its ends included, fractions and zones too', () => {
    expect(range('2026-01-01T00:00:00Z', '2026-01-01T10:00:00.5Z')).toEqual([[0, 1], 2, 6]);
    expect(range('2026-01-01T00:00:00.001Z', '2026-01-01T10:00:00.499999999Z')).toEqual([[], 0, 6]);
    expect(range('2026-01-01T01:00+01:00', '2026-01-01 00:00')).toEqual([[0], 1, 6]);
    expect(range('2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z', 1)).toEqual([[0], 2, 6]);
    expect(range('2027-01-01T00:00:00Z', '2026-01-01T00:00:00Z')).toEqual([[], 0, 6]);
  });

  it('answers alike without blocking', async () => {
    const file = newFile(content);
    const args = [file, 'at', '2026-01-01T00:00:00Z', '2026-01-01T10:00:00.5Z'] as const;
    expect(await native.jsonlFilterTimeRangeAsync(...args)).toStrictEqual(
      native.jsonlFilterTimeRange(...args),
    );
  });

  it('needs times and a path', async () => {
    const file = newFile(content);
    const good = '2026-01-01T00:00:00Z';
    for (const bad of ['', 'yesterday', '2026-01-01', '2026-13-01T00:00:00Z']) {
      for (const [start, end] of [
        [bad, good],
        [good, bad],
      ] as const) {
        const expected = errorOf('INVALID_TIMESTAMP', JSON.stringify(bad));
        expect(thrownBy(() => native.jsonlFilterTimeRange(file, 'at', start, end))).toMatchObject(expected);
        await expect(native.jsonlFilterTimeRangeAsync(file, 'at', start, end)).rejects.toMatchObject(
          expected,
        );
      }
    }
    expect(thrownBy(() => native.jsonlFilterTimeRange(file, 'a..b', good, good))).toMatchObject(
      errorOf('INVALID_FILTER', 'a..b'),
    );
  });
});
