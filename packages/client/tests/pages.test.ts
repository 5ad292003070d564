import { describe, expect, it } from 'vitest';
import { itemsOf } from '../src/pages.js';

/** A list of `length` numbers in pages of `limit`; records what was asked for. */
function listOf(length: number) {
  const asked: { cursor?: string; limit?: number }[] = [];
  const fetch = (position: { cursor?: string; limit?: number }) => {
    asked.push(position);
    const start = Number(position.cursor ?? 0);
    const end = Math.min(length, start + (position.limit ?? 2));
    const items = Array.from({ length: end - start }, (_, index) => start + index);
    return end < length ? { items, nextCursor: String(end) } : { items };
  };
  return { asked, fetch };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) {
    collected.push(item);
  }
  return collected;
}

describe('itemsOf', () => {
  it.each([0, 1, 2, 3, 4, 5])('yields each of %i items once, in order', async (length) => {
    const { fetch } = listOf(length);
    expect(await collect(itemsOf(undefined, fetch))).toEqual(Array.from({ length }, (_, index) => index));
  });

  it('asks for pages of the given size, each from where the one before ended', async () => {
    const { asked, fetch } = listOf(7);
    await collect(itemsOf(3, fetch));
    expect(asked).toEqual([{ limit: 3 }, { limit: 3, cursor: '3' }, { limit: 3, cursor: '6' }]);
  });

  it('fetches no page that nobody wants', async () => {
    const { asked, fetch } = listOf(100);
    for await (const item of itemsOf(10, fetch)) {
      if (item === 10) {
        break;
      }
    }
    expect(asked).toHaveLength(2);
  });

  it('gives the event loop a turn between pages', async () => {
    const { fetch } = listOf(10);
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    for await (const item of itemsOf(1, fetch)) {
      if (item === 5) {
        break;
      }
    }
    expect(turned).toBe(true);
  });

  it('passes a failure on', async () => {
    const failing = () => Promise.reject(new Error('gone'));
    await expect(collect(itemsOf(1, failing))).rejects.toThrow('gone');
  });
});
