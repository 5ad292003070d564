/** Projects: the working folders that sessions ran in. */
import type { Project, ProjectInput } from '@han/native';
import type { Native } from './native.js';

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
}

/** Makes {@link Projects} over the functions of the addon, for one database. */
export function createProjects(native: Native, dbPath: string): Projects {
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
  };
}
