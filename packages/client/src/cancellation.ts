/** Signals that end work before it has an answer. */
import { HanError } from './errors.js';

/**
 * Throws when a signal is aborted.
 *
 * @param attempt - What is not done then.
 * @throws HanError `CANCELLED`, with the reason of the signal as `cause`.
 */
export function refuseAborted(signal: AbortSignal | undefined, attempt: string): void {
  if (signal?.aborted) {
    throw new HanError('CANCELLED', `${attempt}: its signal was aborted`, { cause: signal.reason });
  }
}
