import { describe, expect, it } from 'vitest';
import { newClient, writeTranscripts } from './archive.js';

describe('projects', () => {
  it('creates, changes and finds projects', () => {
    const client = newClient();
    const made = client.projects.upsert({ slug: '-home-ann-b', path: '/home/ann/b', name: 'b' });
    expect(made).toMatchObject({ slug: '-home-ann-b', isWorktree: false });
    const changed = client.projects.upsert({ slug: '-home-ann-b', path: '/home/ann/b', name: 'bee' });
    expect(changed).toMatchObject({ id: made.id, name: 'bee' });
    expect(client.projects.getBySlug('-home-ann-b')).toMatchObject({ name: 'bee' });
    expect(client.projects.getByPath('/home/ann/b')).toMatchObject({ name: 'bee' });
    expect(client.projects.getBySlug('no such slug')).toBeNull();
    expect(client.projects.getByPath('/no/such/path')).toBeNull();
  });

  it('lists by name, and only those of a repository', () => {
    const client = newClient();
    const repo = client.repos.upsert({ remote: 'https://example.com/ann/b.git', name: 'b' });
    client.projects.upsert({ slug: '-b', path: '/b', name: 'b', repoId: repo.id as string });
    client.projects.upsert({ slug: '-a', path: '/a', name: 'a' });
    expect(client.projects.list().map(({ name }) => name)).toEqual(['a', 'b']);
    expect(client.projects.list({ repoId: repo.id }).map(({ name }) => name)).toEqual(['b']);
  });

  it('takes the path of an indexed project from its lines, not from the folder name', async () => {
    const client = newClient();
    await client.indexer.scan({ configDirs: [writeTranscripts()] });
    expect(client.projects.list()).toMatchObject([{ path: '/home/ann/my-app', slug: '-home-ann-my-app' }]);
  });
});
