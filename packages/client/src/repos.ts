/** Repositories: what several projects (worktrees, folders) of the same code share. */
import type { PageOptions, Repo, RepoInput, RepoPage } from '@han/native';
import type { Native } from './native.js';
import { itemsOf } from './pages.js';

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

  /**
   * One page of repositories, by name.
   *
   * @example
   * ```ts
   * const { items } = client.repos.page({ limit: 20 });
   * ```
   */
  page(options?: PageOptions): RepoPage;

  /**
   * Every repository, by name; pages are fetched as they are needed.
   *
   * @param pageSize - Rows fetched at a time, 1 to 1000; 100 when not given. Changes the cost, not the result.
   *
   * @example
   * ```ts
   * for await (const repo of client.repos.all()) console.log(repo.name);
   * ```
   */
  all(pageSize?: number): AsyncGenerator<Repo, void, undefined>;

  /**
   * As `upsert` for many, in one transaction: all are written, or none. Returns what was written in the order of
   * the input. Runs off the JavaScript thread.
   *
   * @example
   * ```ts
   * await client.repos.upsertMany(remotes.map((remote) => ({ remote, name: remote })));
   * ```
   */
  upsertMany(inputs: RepoInput[]): Promise<Repo[]>;

  /**
   * As `upsertMany`, on the calling thread.
   *
   * @example
   * ```ts
   * client.repos.upsertManySync(remotes.map((remote) => ({ remote, name: remote })));
   * ```
   */
  upsertManySync(inputs: RepoInput[]): Repo[];
}

/** Makes {@link Repos} over the functions of the addon, for one database. */
export function createRepos(native: Native, dbPath: string): Repos {
  const page = (options?: PageOptions) => native.listReposPage(dbPath, options);
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
    page,
    all(pageSize) {
      return itemsOf(pageSize, page);
    },
    async upsertMany(inputs) {
      return await native.upsertReposAsync(dbPath, inputs);
    },
    upsertManySync(inputs) {
      return native.upsertRepos(dbPath, inputs);
    },
  };
}
