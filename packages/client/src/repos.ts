/** Repositories: what several projects (worktrees, folders) of the same code share. */
import type { Repo, RepoInput } from '@han/native';
import type { Native } from './native.js';

/** The repositories of a database. Reached as `client.repos`. */
export interface Repos {
  /**
   * Every repository, by name.
   *
   * @example
   * ```ts
   * for (const repo of client.repos.list()) console.log(repo.name, repo.remote);
   * ```
   */
  list(): Repo[];

  /**
   * The repository with this remote, or `null`.
   *
   * @example
   * ```ts
   * client.repos.getByRemote('https://example.com/ann/my-app.git');
   * ```
   */
  getByRemote(remote: string): Repo | null;

  /**
   * Creates a repository or overwrites the name and default branch of the one with the same remote.
   *
   * @example
   * ```ts
   * client.repos.upsert({ remote: 'https://example.com/ann/my-app.git', name: 'my-app', defaultBranch: 'main' });
   * ```
   */
  upsert(input: RepoInput): Repo;
}

/** Makes {@link Repos} over the functions of the addon, for one database. */
export function createRepos(native: Native, dbPath: string): Repos {
  return {
    list() {
      return native.listRepos(dbPath);
    },
    getByRemote(remote) {
      return native.getRepoByRemote(dbPath, remote);
    },
    upsert(input) {
      return native.upsertRepo(dbPath, input);
    },
  };
}
