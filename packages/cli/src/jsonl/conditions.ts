/** Conditions on lines, as people write them on a command line. */
import type { JsonlFilter } from '@han/client';
import { usageFailure } from '../failures.js';
import { readRange } from '../range.js';

/** Signs between path and value, longer ones before their beginnings, and the operators that they stand for. */
const signs: [sign: string, operator: string][] = [
  ['==', 'eq'],
  ['!=', 'ne'],
  ['<=', 'lte'],
  ['>=', 'gte'],
  ['^=', 'startsWith'],
  ['*=', 'contains'],
  ['~=', 'regex'],
  ['=', 'eq'],
  ['<', 'lt'],
  ['>', 'gt'],
];

/** What cannot stand in a path without a backslash: the signs begin with these, and blanks are mostly a mistake. */
const special = /[=!<>^*~\s]/;

/** What looks like another sign, and what was probably meant. */
const lookalikes: Record<string, string> = { '=<': '<=', '=>': '>=', '=~': '~=', '<>': '!=' };

/**
 * Reads one condition: a path, a sign, and a value that is taken as it stands up to the end. A path alone asks whether
 * it is there; `!` in front turns the condition around.
 *
 * @param text - As it was typed.
 * @returns The condition as the engine takes it, its value a string.
 * @throws CommandFailure `USAGE` for what might mean something else than it says.
 *
 * @example
 * ```ts
 * parseCondition('type=user'); // { fieldPath: 'type', operator: 'eq', value: 'user' }
 * parseCondition('message.usage.output_tokens>=1000'); // { …, operator: 'gte', value: '1000' }
 * parseCondition('!toolUseResult'); // { not: { fieldPath: 'toolUseResult', operator: 'exists' } }
 * parseCondition('a\\=b=c'); // { fieldPath: 'a=b', operator: 'eq', value: 'c' }
 * ```
 */
export function parseCondition(text: string): JsonlFilter {
  const isNegated = text.startsWith('!');
  const body = isNegated ? text.slice(1) : text;
  const { path, rest } = readPath(body);
  if (path === '') {
    throw refuse(text, 'there is no path in it', 'write it like type=user or message.content[0].type=text');
  }
  const condition =
    rest === ''
      ? { fieldPath: path, operator: 'exists' }
      : { fieldPath: path, ...readComparison(text, rest) };
  return isNegated ? { not: condition } : condition;
}

/** The path in front of the first special character. Backslashes before these go; others are the engine's. */
function readPath(text: string): { path: string; rest: string } {
  let path = '';
  let at = 0;
  while (at < text.length && !special.test(text.charAt(at))) {
    const next = text.charAt(at + 1);
    if (text.charAt(at) === '\\' && next !== '') {
      path += special.test(next) ? next : `\\${next}`;
      at += 2;
    } else {
      path += text.charAt(at);
      at += 1;
    }
  }
  return { path, rest: text.slice(at) };
}

function readComparison(text: string, rest: string): { operator: string; value: string } {
  const lookalike = rest.slice(0, 2);
  const meant = lookalikes[lookalike];
  if (meant !== undefined) {
    const [sign = '', first = ''] = lookalike;
    const literal = sign === '=' ? `, or ==${first} for a value that begins with ${first}` : '';
    throw refuse(text, `${lookalike} is no operator`, `write ${meant}${literal}`);
  }
  const found = signs.find(([sign]) => rest.startsWith(sign));
  if (found === undefined) {
    const character = rest.charAt(0);
    throw character.trim() === ''
      ? refuse(text, 'there is a blank in the path', 'leave it out; "\\ " is a blank in a name')
      : refuse(
          text,
          `${character} alone is no operator`,
          `write ${character}= to compare; \\${character} is the character in a name`,
        );
  }
  const [sign, operator] = found;
  return { operator, value: rest.slice(sign.length) };
}

function refuse(text: string, reason: string, remedy: string): Error {
  return usageFailure(`--where ${JSON.stringify(text)}: ${reason}`, remedy);
}

/**
 * Reads `--filters`: one condition, or a list of them that must all hold, as JSON in the form of the engine.
 *
 * @param json - As it was typed.
 * @throws CommandFailure `USAGE` when it is no JSON, or no object or list of objects. What is in the objects is
 *   checked by the engine.
 */
export function parseFilters(json: string): JsonlFilter[] {
  const remedy = `write it like {"any":[{"fieldPath":"type","operator":"eq","value":"user"}]}, in quotes for the shell`;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usageFailure(`--filters ${json} is not JSON: ${reason}`, remedy);
  }
  const filters: unknown[] = Array.isArray(value) ? value : [value];
  if (!filters.every(isRecord)) {
    throw usageFailure(`--filters ${json} is no condition and no list of conditions`, remedy);
  }
  return filters;
}

function isRecord(value: unknown): value is JsonlFilter {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The options that say which lines are wanted. */
export interface ConditionOptions {
  where?: string[];
  any?: boolean;
  filters?: string;
  invert?: boolean;
  timeField: string;
  since?: string;
  until?: string;
}

/** The conditions of a command line. */
export interface Conditions {
  /** In the form of the engine; all of them must hold. */
  filters: JsonlFilter[];
  /** How they were typed, by the place in `filters` under which the engine speaks of them. */
  typed: TypedCondition[];
}

/** One condition as it was typed. */
export interface TypedCondition {
  /** For instance `filters[0].any[1]`. */
  place: string;
  /** For instance `--where "type~=("`. */
  text: string;
}

/**
 * Reads all conditions of a command line.
 *
 * @throws CommandFailure `USAGE` when there is none, or one cannot be understood.
 */
export function readConditions(options: ConditionOptions): Conditions {
  const { where = [], any = false, invert = false, timeField } = options;
  const isGroup = any && where.length > 0;
  const parsed = where.map(parseCondition);
  const fromJson = options.filters === undefined ? [] : parseFilters(options.filters);
  const wanted = [...(isGroup ? [{ any: parsed }] : parsed), ...fromJson];
  const times = readTimes(options);
  if (wanted.length + times.length === 0) {
    throw usageFailure('there is no condition', 'give one with --where, --filters, --since or --until');
  }
  if (invert && wanted.length === 0) {
    throw usageFailure('--invert has nothing to turn around', 'give a condition with --where or --filters');
  }
  const place = invert ? 'filters[0].not[0].all' : 'filters';
  const before = wanted.length - fromJson.length;
  const asked = invert ? [{ not: { all: wanted } }] : wanted;
  return {
    filters: [...asked, ...times],
    typed: [
      ...typedAt(
        isGroup ? `${place}[0].any` : place,
        0,
        where.map((text) => `--where ${JSON.stringify(text)}`),
      ),
      ...typedAt(
        place,
        before,
        fromJson.map(() => `--filters ${options.filters}`),
      ),
      ...typedAt(
        'filters',
        asked.length,
        times.map(() => `--time-field ${JSON.stringify(timeField)}`),
      ),
    ],
  };
}

function typedAt(place: string, first: number, texts: string[]): TypedCondition[] {
  return texts.map((text, index) => ({ place: `${place}[${first + index}]`, text }));
}

function readTimes(options: ConditionOptions): JsonlFilter[] {
  const { since, until } = readRange(options);
  const time = (operator: string, value: string | undefined): JsonlFilter[] =>
    value === undefined ? [] : [{ fieldPath: options.timeField, operator, value }];
  return [...time('gte', since), ...time('lt', until)];
}
