/** What callers of the JSONL namespace may rely on at compile time. Checked by `tsc`; nothing here runs. */
import { expectTypeOf } from 'vitest';
import {
  type FilterResult,
  HanClient,
  type Jsonl,
  type JsonlFilter,
  type JsonlIndex,
  type JsonlLine,
  type JsonlLines,
  type JsonlTail,
  type PaginatedResult,
} from '../src/index.js';

const { jsonl } = HanClient;

// The same with a database and without.
expectTypeOf(HanClient.open().jsonl).toEqualTypeOf<Jsonl>();
expectTypeOf(jsonl).toEqualTypeOf<Jsonl>();

// What reads a whole file is a promise, with a blocking twin; the last lines come at once.
expectTypeOf(jsonl.countLines('f')).toEqualTypeOf<Promise<number>>();
expectTypeOf(jsonl.readPage('f')).toEqualTypeOf<Promise<PaginatedResult>>();
expectTypeOf(jsonl.readPageSync('f')).toEqualTypeOf<PaginatedResult>();
expectTypeOf(jsonl.loadIndex('f')).toEqualTypeOf<Promise<JsonlIndex | null>>();
expectTypeOf(jsonl.filter('f', [])).toEqualTypeOf<Promise<FilterResult>>();
expectTypeOf(jsonl.readTail('f')).toEqualTypeOf<JsonlTail>();

// Loops.
expectTypeOf(jsonl.lines('f')).toExtend<AsyncIterable<JsonlLine>>();
expectTypeOf(jsonl.stdinLines()).toExtend<AsyncIterable<JsonlLine>>();
expectTypeOf(jsonl.batches('f')).toExtend<AsyncIterable<JsonlLines>>();

// Filters hold filters.
expectTypeOf<{
  not: { any: [{ fieldPath: string; operator: 'eq'; value: null }] };
}>().toExtend<JsonlFilter>();
expectTypeOf<FilterResult['status']>().toEqualTypeOf<'complete' | 'partial'>();
expectTypeOf<JsonlLine['omittedBytes']>().toEqualTypeOf<number | undefined>();

// @ts-expect-error a field that no filter has
jsonl.filterSync('f', [{ fieldPath: 'a', opreator: 'eq' }]);
// @ts-expect-error the standard input has no place to start at
jsonl.stdinLines({ startOffset: 1 });
// @ts-expect-error the standard input is not followed
jsonl.stdinLines({ follow: true });
// @ts-expect-error a range has both ends
jsonl.filterTimeRange('f', { field: 'timestamp', start: new Date() });
