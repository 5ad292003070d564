/** The rows of a session that are shown, in the order in which they happened. */
import type { HanClient, Message } from '@han/client';
import type { Role } from '../../options.js';

/** Which rows are read, and how many. */
export interface RowOptions {
  role?: Role;
  agent?: string;
  limit: number;
  all?: boolean;
  newest?: boolean;
  raw?: boolean;
}

/** What becomes of a row: it is shown, passed on without counting as shown, or passed over. */
export type Fate = 'shown' | 'passed' | 'silent' | 'folded';

/** The rows that were asked for, in the order in which they happened. */
export class Rows {
  /** Whether rows were left out because of the limit; known when all were read. */
  hasMore = false;
  /** Rows that were passed over so far, because they hold no text, or because what they hold stands elsewhere. */
  readonly leftOut = { silent: 0, folded: 0 };

  /** @param fateOf - What becomes of a row; the limit counts only those that are shown. */
  constructor(
    private readonly client: HanClient,
    private readonly sessionId: string,
    private readonly options: RowOptions,
    private readonly fateOf: (row: Message) => Fate,
  ) {}

  async *read(): AsyncGenerator<Message, void, undefined> {
    const { all = false, newest = false, limit } = this.options;
    if (all) {
      yield* this.fetch('oldest', 1000);
    } else if (newest) {
      // Fetched from the end, told from the beginning.
      const rows: Message[] = [];
      for await (const row of this.first(this.fetch('newest', limit + 1))) {
        rows.push(row);
      }
      yield* rows.reverse();
    } else {
      yield* this.first(this.fetch('oldest', limit + 1));
    }
  }

  private async *first(rows: AsyncIterable<Message>): AsyncGenerator<Message, void, undefined> {
    let taken = 0;
    for await (const row of rows) {
      if (this.fateOf(row) === 'shown') {
        if (taken === this.options.limit) {
          this.hasMore = true;
          return;
        }
        taken += 1;
      }
      yield row;
    }
  }

  private async *fetch(order: 'oldest' | 'newest', wanted: number): AsyncGenerator<Message, void, undefined> {
    const { role, agent, raw = false } = this.options;
    const rows = this.client.messages.of(this.sessionId, {
      order,
      withRaw: raw,
      // Some rows are passed over, so tiny pages would be many.
      pageSize: Math.min(1000, Math.max(100, wanted)),
      ...(role === undefined ? {} : { speaker: role }),
      ...(agent === undefined ? {} : { agentId: agent }),
    });
    for await (const row of rows) {
      const fate = this.fateOf(row);
      if (fate === 'shown' || fate === 'passed') {
        yield row;
      } else {
        this.leftOut[fate] += 1;
      }
    }
  }
}
