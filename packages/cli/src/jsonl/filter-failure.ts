/** Conditions that the engine refuses, told as they were typed. */
import { exitCode } from '../exit-codes.js';
import { CommandFailure, tell } from '../failures.js';
import type { TypedCondition } from './conditions.js';

/** Whether a failure is about the conditions, and not about what is read. */
export function isFilterFailure(thrown: unknown): boolean {
  const { code } = tell(thrown);
  return code === 'INVALID_FILTER' || code === 'INVALID_ARGUMENT';
}

/** How the engine begins to speak of a condition that it could not read or compile: with its place. */
const placeInMessage = /^(?:compile|read) (filters[^:\s]*): /;

/**
 * A refused condition as wrong usage, shown as it was typed; any other failure as it is.
 *
 * @param typed - All conditions of the command line.
 * @param program - How to call this program.
 */
export function explainFilterFailure(thrown: unknown, typed: TypedCondition[], program: string): unknown {
  if (!isFilterFailure(thrown)) {
    return thrown;
  }
  const { code, message } = tell(thrown);
  const place = placeInMessage.exec(message)?.[1];
  const refused = typed.find((condition) => place?.startsWith(condition.place));
  const told =
    refused === undefined
      ? `${[...new Set(typed.map(({ text }) => text))].join(' ')}: ${message}`
      : `${refused.text}: ${message.replace(placeInMessage, '')}`;
  const remedy = `conditions are described by: ${program} jsonl filter --help`;
  return new CommandFailure(exitCode.usage, code, told, remedy);
}
