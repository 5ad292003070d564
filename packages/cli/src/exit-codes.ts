/** What the process tells the shell. Documented in README.md. */
export const exitCode = {
  /** Done. */
  ok: 0,
  /** Something failed; a message on stderr says what. */
  failure: 1,
  /** The command line cannot be understood. */
  usage: 2,
  /** The command ran and its answer is empty: no hit, no such session. */
  nothingFound: 3,
  /** There is no database yet; `han index` makes one. */
  noDatabase: 4,
  /** Ended by Ctrl-C; what was finished is kept. */
  interrupted: 130,
  /** Ended by SIGTERM; what was finished is kept. */
  terminated: 143,
} as const;

/** One of {@link exitCode}. */
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
