/** Orchestrations: runs of many hooks together. */
import type { HookExecution, Orchestration, OrchestrationInput, OrchestrationUpdate } from '@han/native';
import { type Native, onDatabase } from './native.js';

/** The orchestrations of a database. Reached as `client.orchestrations`. */
export interface Orchestrations {
  /**
   * Begins an orchestration. What runs for its session is cancelled before, with the hooks that have not ended.
   *
   * @throws HanError `DB_CONSTRAINT` when the session is unknown.
   *
   * @example
   * ```ts
   * const { id } = client.orchestrations.create({ sessionId, hookType: 'Stop', projectRoot: '/home/ann/my-app' });
   * ```
   */
  create(input: OrchestrationInput): Orchestration;

  /**
   * The orchestration with this id, or `null`.
   *
   * @example
   * ```ts
   * client.orchestrations.get(id)?.status;
   * ```
   */
  get(id: string): Orchestration | null;

  /**
   * Changes what is given; the statuses `completed`, `failed` and `cancelled` end it now. An unknown id changes
   * nothing.
   *
   * @example
   * ```ts
   * client.orchestrations.update({ id, status: 'completed', completedHooks: 4 });
   * ```
   */
  update(update: OrchestrationUpdate): void;

  /**
   * Cancels an orchestration that runs, and its hooks that have not ended. An unknown id changes nothing.
   *
   * @example
   * ```ts
   * client.orchestrations.cancel(id);
   * ```
   */
  cancel(id: string): void;

  /**
   * The hooks of an orchestration, whatever their status, in order of arrival.
   *
   * @example
   * ```ts
   * for (const { hookName, status } of client.orchestrations.hooks(id)) console.log(hookName, status);
   * ```
   */
  hooks(id: string): HookExecution[];
}

/** Makes {@link Orchestrations} over the functions of the addon, for one database. */
export function createOrchestrations(native: Native, dbPath: string): Orchestrations {
  const here = onDatabase(native, dbPath);
  return {
    create(input) {
      return here(() => native.createOrchestration(input));
    },
    get(id) {
      return here(() => native.getOrchestration(id));
    },
    update(update) {
      here(() => native.updateOrchestration(update));
    },
    cancel(id) {
      here(() => native.cancelOrchestration(id));
    },
    hooks(id) {
      return here(() => native.getOrchestrationHooks(id));
    },
  };
}
