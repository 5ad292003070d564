import { describe, expect, it } from 'vitest';
import { newClient } from './archive.js';

const documents = [
  { id: 'a', content: 'east', vector: [1, 0], metadata: '{}' },
  { id: 'b', content: 'north', vector: [0, 1] },
];

describe('vectors', () => {
  it('are stored, found by direction, and removed', async () => {
    const client = newClient();
    expect(await client.vectors.index('s', documents, { modelId: 'small-1' })).toBe(2);
    expect(await client.vectors.search('s', [5, 0])).toStrictEqual([
      { id: 'a', content: 'east', metadata: '{}', score: 1 },
      { id: 'b', content: 'north', score: 0 },
    ]);
    expect(await client.vectors.search('s', [5, 0], { limit: 1, modelId: 'small-1' })).toHaveLength(1);
    expect(client.documents.stores()).toStrictEqual([
      { name: 's', documents: 0, vectors: 2, dimension: 2, modelId: 'small-1' },
    ]);
    expect(await client.vectors.delete('s', ['a', 'nobody'])).toBe(1);
    expect(await client.vectors.search('s', [5, 0])).toHaveLength(1);
  });

  it('of another dimension or model are refused', async () => {
    const client = newClient();
    await client.vectors.index('s', documents, { modelId: 'small-1' });
    const refusals: [string, () => Promise<unknown>][] = [
      ['VECTOR_DIMENSION_MISMATCH', () => client.vectors.search('s', [1])],
      ['VECTOR_MODEL_MISMATCH', () => client.vectors.search('s', [1, 0], { modelId: 'large-1' })],
      ['VECTOR_MODEL_MISMATCH', () => client.vectors.index('s', documents, { modelId: 'large-1' })],
      ['INVALID_ARGUMENT', () => client.vectors.search('s', [])],
      ['INVALID_ARGUMENT', () => client.vectors.search('s', [Number.NaN, 0])],
      ...[[Number.NaN, 0], [1e300, 0], ['1', 0], [null, 0], 'text', null].map(
        (vector): [string, () => Promise<unknown>] => [
          'INVALID_ARGUMENT',
          () => client.vectors.index('s', [{ id: 'c', content: '', vector: vector as never }]),
        ],
      ),
      ['TABLE_NOT_FOUND', () => client.vectors.search('none', [1])],
      ['TABLE_NOT_FOUND', () => client.vectors.delete('none', ['a'])],
    ];
    for (const [code, refused] of refusals) {
      await expect(refused()).rejects.toThrow(expect.objectContaining({ code }));
    }
  });
});
