import { describe, expect, it } from 'vitest';
import { parseCondition, parseFilters, readConditions } from '../src/jsonl/conditions.js';
import { explainFilterFailure } from '../src/jsonl/filter-failure.js';

describe('a condition', () => {
  it.each([
    ['type=user', 'type', 'eq', 'user'],
    ['type==user', 'type', 'eq', 'user'],
    ['type!=user', 'type', 'ne', 'user'],
    ['usage.output_tokens>=1000', 'usage.output_tokens', 'gte', '1000'],
    ['n>1', 'n', 'gt', '1'],
    ['n<=1', 'n', 'lte', '1'],
    ['n<1', 'n', 'lt', '1'],
    ['model^=claude', 'model', 'startsWith', 'claude'],
    ['content*=dead lock', 'content', 'contains', 'dead lock'],
    ['model~=^(opus|sonnet)=?$', 'model', 'regex', '^(opus|sonnet)=?$'],
    ['message.content[0].type=text', 'message.content[0].type', 'eq', 'text'],
    ['content=', 'content', 'eq', ''],
    ['content= padded ', 'content', 'eq', ' padded '],
    ['content="quoted"', 'content', 'eq', '"quoted"'],
    ['content===', 'content', 'eq', '='],
    ['content==>b', 'content', 'eq', '>b'],
    ['content*==b', 'content', 'contains', '=b'],
    ['日本=語', '日本', 'eq', '語'],
  ])('%s has path, operator and value', (text, fieldPath, operator, value) => {
    expect(parseCondition(text)).toEqual({ fieldPath, operator, value });
  });

  it('without an operator asks whether the field is there', () => {
    expect(parseCondition('toolUseResult')).toEqual({ fieldPath: 'toolUseResult', operator: 'exists' });
  });

  it('is turned around by an exclamation mark', () => {
    expect(parseCondition('!isMeta')).toEqual({ not: { fieldPath: 'isMeta', operator: 'exists' } });
    expect(parseCondition('!a!=b')).toEqual({ not: { fieldPath: 'a', operator: 'ne', value: 'b' } });
  });

  it.each([
    [String.raw`a\=b=c`, 'a=b', 'c'],
    [String.raw`\!a=c`, '!a', 'c'],
    [String.raw`two\ words=c`, 'two words', 'c'],
    [String.raw`a\*\^\~\<\>=c`, 'a*^~<>', 'c'],
    // These are for the engine.
    [String.raw`a\.b\[0\]=c`, String.raw`a\.b\[0\]`, 'c'],
    [String.raw`a\\=c`, String.raw`a\\`, 'c'],
  ])('%s has escaped characters in its path', (text, fieldPath, value) => {
    expect(parseCondition(text)).toEqual({ fieldPath, operator: 'eq', value });
  });

  it.each([
    ['', 'there is no path'],
    ['!', 'there is no path'],
    ['=user', 'there is no path'],
    ['!=user', 'there is no path'],
    ['type = user', 'there is a blank in the path'],
    ['type contains user', 'there is a blank in the path'],
    ['n=>1', '=> is no operator'],
    ['n=<1', '=< is no operator'],
    ['model=~opus', '=~ is no operator'],
    ['n<>1', '<> is no operator'],
    ['model~opus', '~ alone is no operator'],
    ['a!b', '! alone is no operator'],
    ['a*', '* alone is no operator'],
  ])('%j is refused: it may mean something else than it says', (text, reason) => {
    expect(() => parseCondition(text)).toThrow(`--where ${JSON.stringify(text)}: ${reason}`);
  });
});

describe('conditions as JSON', () => {
  it('are one, or a list', () => {
    const one = { any: [{ fieldPath: 'type', operator: 'exists' }] };
    expect(parseFilters(JSON.stringify(one))).toEqual([one]);
    expect(parseFilters(JSON.stringify([one, one]))).toEqual([one, one]);
  });

  it.each(['type=user', '', '7', 'null', '"text"', '[1]', '[[]]'])('are refused: %s', (json) => {
    expect(() => parseFilters(json)).toThrow(`--filters ${json} is no`);
  });
});

describe('the conditions of a command line', () => {
  const a = { fieldPath: 'a', operator: 'exists' };
  const b = { fieldPath: 'b', operator: 'exists' };
  const c = { fieldPath: 'c', operator: 'exists' };
  const timeField = 'timestamp';
  const filters = JSON.stringify([c]);

  it('hold together', () => {
    expect(readConditions({ timeField, where: ['a', 'b'], filters })).toEqual({
      filters: [a, b, c],
      typed: [
        { place: 'filters[0]', text: '--where "a"' },
        { place: 'filters[1]', text: '--where "b"' },
        { place: 'filters[2]', text: `--filters ${filters}` },
      ],
    });
  });

  it('hold with one of --where with --any', () => {
    expect(readConditions({ timeField, where: ['a', 'b'], any: true, filters })).toEqual({
      filters: [{ any: [a, b] }, c],
      typed: [
        { place: 'filters[0].any[0]', text: '--where "a"' },
        { place: 'filters[0].any[1]', text: '--where "b"' },
        { place: 'filters[1]', text: `--filters ${filters}` },
      ],
    });
  });

  it('hold not with --invert, save the times', () => {
    const times = { since: '2026-11-01T00:00:00Z', until: '2026-11-02T00:00:00Z' };
    expect(readConditions({ timeField: 'at', where: ['a', 'b'], filters, invert: true, ...times })).toEqual({
      filters: [
        { not: { all: [a, b, c] } },
        { fieldPath: 'at', operator: 'gte', value: '2026-11-01T00:00:00.000Z' },
        { fieldPath: 'at', operator: 'lt', value: '2026-11-02T00:00:00.000Z' },
      ],
      typed: [
        { place: 'filters[0].not[0].all[0]', text: '--where "a"' },
        { place: 'filters[0].not[0].all[1]', text: '--where "b"' },
        { place: 'filters[0].not[0].all[2]', text: `--filters ${filters}` },
        { place: 'filters[1]', text: '--time-field "at"' },
        { place: 'filters[2]', text: '--time-field "at"' },
      ],
    });
  });

  it('can be times alone', () => {
    expect(readConditions({ timeField, until: '2026-11-02T00:00:00+01:00' })).toMatchObject({
      filters: [{ fieldPath: 'timestamp', operator: 'lt', value: '2026-11-01T23:00:00.000Z' }],
    });
  });

  it.each([{}, { any: true }])('are needed: %j', (options) => {
    expect(() => readConditions({ timeField, ...options })).toThrow('there is no condition');
  });

  it('cannot be inverted when there are only times', () => {
    expect(() => readConditions({ timeField, since: 'today', invert: true })).toThrow('--invert');
  });
});

describe('a condition that the engine refuses', () => {
  const { typed } = readConditions({ timeField: 'at[', where: ['a~=(', '!b', 'c'], since: 'today' });
  const refusal = (message: string, code = 'INVALID_FILTER') =>
    Object.assign(new Error(`[${code}] ${message}`), { code });

  it.each([
    ['compile filters[0]: regex has a bad pattern', '--where "a~=(": regex has a bad pattern'],
    ['read filters[1].not[0]: bad path', '--where "!b": bad path'],
    ['compile filters[3]: bad path: odd', '--time-field "at[": bad path: odd'],
    [
      'compile filters: too many',
      '--where "a~=(" --where "!b" --where "c" --time-field "at[": compile filters: too many',
    ],
  ])('%s is shown as it was typed, as wrong usage', (message, told) => {
    expect(explainFilterFailure(refusal(message), typed, 'han')).toMatchObject({
      exit: 2,
      code: 'INVALID_FILTER',
      message: told,
      remedy: 'conditions are described by: han jsonl filter --help',
    });
  });

  it('is not every failure', () => {
    const failure = refusal('open a.jsonl', 'FILE_NOT_FOUND');
    expect(explainFilterFailure(failure, typed, 'han')).toBe(failure);
  });
});
