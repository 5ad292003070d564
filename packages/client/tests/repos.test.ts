import { describe, expect, it } from 'vitest';
import { newClient } from './archive.js';

describe('repos', () => {
  it('creates, changes, finds and lists repositories', () => {
    const client = newClient();
    const remote = 'https://example.com/ann/zoo.git';
    const made = client.repos.upsert({ remote, name: 'zoo', defaultBranch: 'main' });
    expect(client.repos.upsert({ remote, name: 'zoo', defaultBranch: 'trunk' })).toMatchObject({
      id: made.id,
      defaultBranch: 'trunk',
    });
    client.repos.upsert({ remote: 'https://example.com/ann/ant.git', name: 'ant' });
    expect(client.repos.getByRemote(remote)).toMatchObject({ name: 'zoo' });
    expect(client.repos.getByRemote('no such remote')).toBeNull();
    client.repos.upsert({ remote: 'https://github.com/team/project', name: 'project' });
    for (const url of ['git@github.com:Team/Project.git', 'https://me:secret@github.com/team/project/']) {
      expect(client.repos.getByRemote(url), url).toMatchObject({ name: 'project' });
    }
    expect(client.repos.list().map(({ name }) => name)).toEqual(['ant', 'project', 'zoo']);
  });
});
