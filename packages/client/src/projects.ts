/** Projects: the working folders that sessions ran in. */
import type { Project, ProjectInput, ProjectPage, ProjectPageOptions } from '@han/native';
import type { Native } from './native.js';
import { itemsOf } from './pages.js';

/** Which projects to walk through. */
export type AllProjectsOptions = Omit<ProjectPageOptions, 'cursor' | 'limit'> & {
  /** Projects fetched at a time, 1 to 1000; 100 when not given. Changes the cost, not the result. */
  pageSize?: number;
};

/** The projects of a database. Reached as `client.projects`. */
export interface Projects {
  /**
   * Every project by name, or those of one repository.
   *
   * @example
   * ```ts
   * for (const project of client.projects.list()) console.log(project.name, project.path);
   * ```
   */
  list(options?: { repoId?: string | undefined }): Project[];

  /**
   * The project whose transcript folder has this name, or `null`.
   *
   * @example
   * ```ts
   * client.projects.getBySlug('-home-ann-my-app');
   * ```
   */
  getBySlug(slug: string): Project | null;

  /**
   * The project at this absolute path, or `null`. The text is compared as it is.
   *
   * @example
   * ```ts
   * client.projects.getByPath(process.cwd());
   * ```
   */
  getByPath(path: string): Project | null;

  /**
   * Creates a project or overwrites the one with the same slug.
   *
   * @throws HanError `DB_CONSTRAINT` when `repoId` is unknown.
   *
   * @example
   * ```ts
   * client.projects.upsert({ slug: '-home-ann-my-app', path: '/home/ann/my-app', name: 'my-app' });
   * ```
   */
  upsert(input: ProjectInput): Project;

  /**
   * One page of projects, by name.
   *
   * @example
   * ```ts
   * const { items } = client.projects.page({ repoId, limit: 20 });
   * ```
   */
  page(options?: ProjectPageOptions): ProjectPage;

  /**
   * Every project by name, or those of one repository; pages are fetched as they are needed.
   *
   * @example
   * ```ts
   * for await (const project of client.projects.all()) console.log(project.path);
   * ```
   */
  all(options?: AllProjectsOptions): AsyncGenerator<Project, void, undefined>;

  /**
   * As `upsert` for many, in one transaction: all are written, or none. Returns what was written in the order of
   * the input. Runs off the JavaScript thread.
   *
   * @throws HanError `DB_CONSTRAINT` when a `repoId` is unknown.
   *
   * @example
   * ```ts
   * await client.projects.upsertMany([{ slug: '-home-ann-my-app', path: '/home/ann/my-app', name: 'my-app' }]);
   * ```
   */
  upsertMany(inputs: ProjectInput[]): Promise<Project[]>;

  /**
   * As `upsertMany`, on the calling thread.
   *
   * @example
   * ```ts
   * client.projects.upsertManySync([{ slug: '-home-ann-my-app', path: '/home/ann/my-app', name: 'my-app' }]);
   * ```
   */
  upsertManySync(inputs: ProjectInput[]): Project[];
}

/** Makes {@link Projects} over the functions of the addon, for one database. */
export function createProjects(native: Native, dbPath: string): Projects {
  const page = (options?: ProjectPageOptions) => native.listProjectsPage(dbPath, options);
  return {
    list({ repoId } = {}) {
      return native.listProjects(dbPath, repoId);
    },
    getBySlug(slug) {
      return native.getProjectBySlug(dbPath, slug);
    },
    getByPath(path) {
      return native.getProjectByPath(dbPath, path);
    },
    upsert(input) {
      return native.upsertProject(dbPath, input);
    },
    page,
    all({ pageSize, ...filter } = {}) {
      return itemsOf(pageSize, (position) => page({ ...filter, ...position }));
    },
    async upsertMany(inputs) {
      return await native.upsertProjectsAsync(dbPath, inputs);
    },
    upsertManySync(inputs) {
      return native.upsertProjects(dbPath, inputs);
    },
  };
}
