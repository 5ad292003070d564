/** Options that several commands share, and how their values are read. */
import { resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';

/** Who may have spoken. */
export const roles = ['user', 'assistant', 'tool', 'system', 'summary'] as const;

/** One of {@link roles}. */
export type Role = (typeof roles)[number];

/** Reads a whole number within bounds. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) {
      const bounds = Number.isFinite(most) ? `from ${least} to ${most}` : `of ${least} or more`;
      throw new InvalidArgumentError(`It must be a whole number ${bounds}.`);
    }
    return value;
  };
}

/** Collects the values of an option that may be given several times. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** `--project`, as the addon takes it: a path is made absolute, everything else is left as it is. */
export function projectArgument(text: string): string {
  return text === '.' || text === '..' || /^\.{0,2}[/\\]/.test(text) ? resolve(text) : text;
}

/** `--agent`, as the addon takes it: `main` means the conversation outside of all agents. */
export function agentArgument(text: string): string {
  return text === 'main' ? '' : text;
}

/** `--role ROLE`. */
export function roleOption(): Option {
  return new Option('--role <role>', 'only what this one said').choices(roles);
}

/** `--agent ID`. */
export function agentOption(): Option {
  return new Option('--agent <id>', 'only this agent; "main" is the conversation itself').argParser(
    agentArgument,
  );
}

/** `--project NAME`. */
export function projectOption(): Option {
  return new Option(
    '--project <project>',
    'only this project: its name, path ("." is here), slug or id',
  ).argParser(projectArgument);
}

/** `--since TIME`. */
export function sinceOption(): Option {
  return new Option('--since <time>', 'only from this time on: 2026-11-01, 12h, 7d, yesterday, RFC 3339');
}

/** `--until TIME`. */
export function untilOption(): Option {
  return new Option('--until <time>', 'only before this time; a date includes its day');
}

/** `--limit N`, at most 1000. */
export function limitOption(standard: number): Option {
  return new Option('--limit <n>', 'show so many, 1 to 1000')
    .argParser(wholeNumber(1, 1000))
    .default(standard);
}

/** `--page N`. */
export function pageOption(): Option {
  return new Option('--page <n>', 'show this page, counted from 1')
    .argParser(wholeNumber(1, 100_000))
    .conflicts('cursor');
}

/** `--cursor TEXT`. */
export function cursorOption(): Option {
  return new Option('--cursor <cursor>', 'show what follows: nextCursor of an earlier --json answer');
}
