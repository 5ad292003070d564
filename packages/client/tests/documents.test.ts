import { describe, expect, it } from 'vitest';
import { newClient } from './archive.js';

const name = 'han_team_github.com_org_repo';
const documents = [
  { id: 'a', content: 'Fixed a flaky test.', metadata: '{"n":1}' },
  { id: 'b', content: 'A test of the ferry.' },
];

describe('documents', () => {
  it('are stored, found, removed and dropped', async () => {
    const client = newClient();
    expect(await client.documents.index(name, documents)).toBe(2);
    const [best, ...rest] = await client.documents.search(name, 'flaky OR nothing');
    expect(best).toStrictEqual({ ...documents[0], score: expect.any(Number) });
    expect(rest).toEqual([]);
    expect(await client.documents.search(name, 'test')).toHaveLength(2);
    expect(await client.documents.search(name, 'test', { limit: 1 })).toHaveLength(1);
    expect(client.documents.stores()).toStrictEqual([{ name, documents: 2, vectors: 0 }]);
    expect(await client.documents.delete(name, ['a', 'nobody'])).toBe(1);
    expect(await client.documents.drop(name)).toBe(1);
    expect(await client.documents.drop(name)).toBe(0);
    expect(client.documents.stores()).toEqual([]);
  });

  it('answer alike on the calling thread', () => {
    const client = newClient();
    expect(client.documents.indexSync(name, documents)).toBe(2);
    expect(client.documents.searchSync(name, 'ferry').map(({ id }) => id)).toEqual(['b']);
    expect(client.documents.searchSync(name, 'test', { limit: 0 })).toEqual([]);
    expect(client.documents.deleteSync(name, ['b'])).toBe(1);
    expect(client.documents.dropSync(name)).toBe(1);
  });

  it('of a store that never was are TABLE_NOT_FOUND', async () => {
    const client = newClient();
    const error = expect.objectContaining({
      name: 'HanError',
      code: 'TABLE_NOT_FOUND',
      message: expect.stringContaining('no such table'),
    });
    await expect(client.documents.search('none', 'x')).rejects.toThrow(error);
    await expect(client.documents.delete('none', ['x'])).rejects.toThrow(error);
    expect(() => client.documents.searchSync('none', 'x')).toThrow(error);
    await expect(client.documents.index('', documents)).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});
