/** What went wrong, as one class with a closed union of codes. */
import { errorCodes } from './generated/error-codes.js';
import type { Native } from './native.js';

/**
 * Every code a {@link HanError} can carry. The list is closed and generated from the addon, so a `switch` over it
 * can be exhaustive. `UNKNOWN` stands for a failure without a code that this version of the client knows.
 */
export type HanErrorCode = keyof typeof errorCodes;

/**
 * The one error of this package: thrown by methods that answer at once and rejected by those that return a promise.
 *
 * @example
 * ```ts
 * import { HanClient, HanError } from '@han/client';
 *
 * try {
 *   HanClient.open({ dbPath: '/etc/hostname' });
 * } catch (error) {
 *   if (error instanceof HanError && error.code === 'DB_NOT_A_DATABASE') {
 *     console.error(error.message, error.remedy);
 *   }
 * }
 * ```
 */
export class HanError extends Error {
  override readonly name = 'HanError';

  /** What went wrong, for a program to branch on. */
  readonly code: HanErrorCode;

  /**
   * @param code - One of the closed list.
   * @param message - What was attempted, with the value. `[CODE] ` is put in front unless it stands there already.
   * @param options - `cause`: the error this one was made from.
   */
  constructor(code: HanErrorCode, message: string, options?: ErrorOptions) {
    super(message.startsWith(`[${code}] `) ? message : `[${code}] ${message}`, options);
    this.code = code;
  }

  /** What the caller can do about it, in one sentence. */
  get remedy(): string {
    return errorCodes[this.code].remedy;
  }

  /**
   * Turns anything thrown into a `HanError`; the original is kept as `cause`. A `HanError` is returned as it is.
   *
   * @param thrown - What was caught.
   */
  static from(thrown: unknown): HanError {
    if (thrown instanceof HanError) {
      return thrown;
    }
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new HanError(codeOf(thrown, message), message, { cause: thrown });
  }
}

const codeInMessage = /^\[([A-Z0-9_]+)\] /;

/** Codes that the runtime gives to an argument of the wrong type, before the addon sees it. */
const argumentStatus = /^(?:InvalidArg|[A-Z][A-Za-z]*Expected)$/;

function codeOf(thrown: unknown, message: string): HanErrorCode {
  const written = codeInMessage.exec(message)?.[1];
  if (written !== undefined && isHanErrorCode(written)) {
    return written;
  }
  const property: unknown = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  if (typeof property !== 'string') {
    return 'UNKNOWN';
  }
  if (isHanErrorCode(property)) {
    return property;
  }
  return argumentStatus.test(property) ? 'INVALID_ARGUMENT' : 'UNKNOWN';
}

/**
 * Whether a text is one of the codes.
 *
 * @param text - For instance the `code` of an error thrown by `@han/native`.
 *
 * @example
 * ```ts
 * isHanErrorCode('DB_BUSY'); // true
 * ```
 */
export function isHanErrorCode(text: string): text is HanErrorCode {
  return Object.hasOwn(errorCodes, text);
}

/**
 * The same functions as `native`, with every throw and every rejection turned into a {@link HanError}.
 *
 * @param native - The functions of the addon.
 * @param beforeEach - Called before every function; what it throws is thrown by the function.
 */
export function withHanErrors<T extends Partial<Native>>(native: T, beforeEach?: () => void): T {
  const wrapped = Object.entries(native).map(([name, member]) => [
    name,
    typeof member === 'function' ? wrap(member as (...values: unknown[]) => unknown, beforeEach) : member,
  ]);
  return Object.fromEntries(wrapped) as T;
}

function wrap(inner: (...values: unknown[]) => unknown, beforeEach?: () => void) {
  return (...values: unknown[]): unknown => {
    beforeEach?.();
    try {
      const answer = inner(...values);
      return answer instanceof Promise
        ? answer.catch((error: unknown) => {
            throw HanError.from(error);
          })
        : answer;
    } catch (error) {
      throw HanError.from(error);
    }
  };
}
