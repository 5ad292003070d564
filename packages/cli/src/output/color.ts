/** Colours, where they are wanted. They never carry meaning on their own. */
import picocolors from 'picocolors';

/** Functions that put colour around text, or return it as it is. */
export type Colors = ReturnType<typeof picocolors.createColors>;

/** What decides about colour, and what it decides. */
export interface ColorChoice {
  enabled: boolean;
  /** Why, for `han doctor`. */
  reason: string;
}

/**
 * Whether to colour a stream: not with `--no-color` or `NO_COLOR`, always with `FORCE_COLOR`, else on a terminal that
 * is not `dumb`.
 *
 * @param stream - Where the text goes.
 * @param asked - `false` when `--no-color` was given.
 * @param environment - The variables of the process.
 */
export function chooseColor(
  stream: { isTTY?: boolean },
  asked: boolean,
  environment: NodeJS.ProcessEnv,
): ColorChoice {
  if (!asked) {
    return { enabled: false, reason: '--no-color' };
  }
  if (environment['NO_COLOR']) {
    return { enabled: false, reason: 'NO_COLOR is set' };
  }
  const forced = environment['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') {
    const enabled = forced !== '0' && forced !== 'false';
    return { enabled, reason: `FORCE_COLOR is ${JSON.stringify(forced)}` };
  }
  if (!stream.isTTY) {
    return { enabled: false, reason: 'not a terminal' };
  }
  if (environment['TERM'] === 'dumb') {
    return { enabled: false, reason: 'TERM is dumb' };
  }
  return { enabled: true, reason: 'a terminal' };
}

/** The colour functions for a choice. */
export function colorsFor({ enabled }: ColorChoice): Colors {
  return picocolors.createColors(enabled);
}
