/** What callers may rely on at compile time. Checked by `tsc`; nothing here runs. */
import type {
  ArchiveStats,
  IndexProgress,
  IndexReport,
  Message,
  SearchHit,
  SearchPage,
  Session,
  SessionOverview,
  SessionPage,
} from '@han/native';
import { expectTypeOf } from 'vitest';
import { HanClient, HanError, type HanErrorCode, type IndexRun } from '../src/index.js';

const client = HanClient.open();

// Reads from an index answer at once; work that may take longer is a promise.
expectTypeOf(client.sessions.page()).toEqualTypeOf<SessionPage>();
expectTypeOf(client.sessions.get('id')).toEqualTypeOf<Session | null>();
expectTypeOf(client.search.page('x')).toEqualTypeOf<Promise<SearchPage>>();
expectTypeOf(client.search.pageSync('x')).toEqualTypeOf<SearchPage>();
expectTypeOf(client.stats()).toEqualTypeOf<Promise<ArchiveStats>>();
expectTypeOf(client.statsSync()).toEqualTypeOf<ArchiveStats>();

// A transaction returns what its work does, and its work cannot be asynchronous.
expectTypeOf(client.transaction(() => 5)).toEqualTypeOf<number>();
expectTypeOf(client.transaction(() => client.sessions.get('id'))).toEqualTypeOf<Session | null>();
expectTypeOf(client.transaction(() => client.sessions.page())).toEqualTypeOf<SessionPage>();
// @ts-expect-error a promise would end after the transaction
client.transaction(async () => 5);

// Walks yield the items of pages.
expectTypeOf(client.sessions.all()).toExtend<AsyncIterable<SessionOverview>>();
expectTypeOf(client.messages.of('id')).toExtend<AsyncIterable<Message>>();
expectTypeOf(client.search.query('x')).toExtend<AsyncIterable<SearchHit>>();

// A run is a promise of its report and yields its progress.
expectTypeOf(client.indexer.scan()).toEqualTypeOf<IndexRun>();
expectTypeOf<IndexRun>().toExtend<Promise<IndexReport>>();
expectTypeOf<IndexRun>().toExtend<AsyncIterable<IndexProgress>>();
expectTypeOf<Awaited<IndexRun>>().toEqualTypeOf<IndexReport>();

// Times are dates or text.
expectTypeOf(client.sessions.page)
  .parameter(0)
  .exclude<undefined>()
  .toHaveProperty('since')
  .toExtend<Date | string | undefined>();

// A walk pages by itself.
// @ts-expect-error a walk takes no cursor
client.sessions.all({ cursor: 'x' });
// @ts-expect-error a walk takes pageSize, not limit
client.search.query('x', { limit: 1 });
// @ts-expect-error there are five speakers
client.search.page('x', { speaker: 'nobody' });

// The codes are a closed union.
expectTypeOf(new HanError('DB_BUSY', 'open').code).toEqualTypeOf<HanErrorCode>();
expectTypeOf<'DB_BUSY' | 'UNKNOWN' | 'CANCELLED' | 'CLIENT_CLOSED'>().toExtend<HanErrorCode>();
expectTypeOf<string>().not.toExtend<HanErrorCode>();
// @ts-expect-error no such code
new HanError('NO_SUCH_CODE', 'open');
