/** What every command knows about its surroundings. The only file that looks at the process. */
import { basename, relative, resolve, sep } from 'node:path';
import { type ColorChoice, type Colors, chooseColor, colorsFor } from './output/color.js';
import type { ProgressMode } from './output/progress.js';
import { type Sink, sinkTo } from './output/sink.js';

/** The options that every command takes. */
export interface GlobalOptions {
  db?: string;
  configDir?: string[];
  json?: boolean;
  quiet?: boolean;
  color: boolean;
}

/** What every command knows about its surroundings. */
export interface Context {
  /** Where answers go. */
  out: Sink;
  /** Where notes, progress and errors go. */
  err: Sink;
  /** Colours of the answer. */
  colors: Colors;
  /** Why there are colours or not. */
  colorChoice: ColorChoice;
  /** Width to keep to, in cells; `Infinity` when the answer does not go to a terminal. */
  cells: number;
  /** How progress is shown. */
  progress: ProgressMode;
  /** Stream and width of the progress bar. */
  progressStream: NodeJS.WriteStream;
  /** Whether the answer goes to a terminal. */
  isTerminal: boolean;
  /** One JSON document instead of text. */
  json: boolean;
  /** The database that was asked for, absolute; the default of the addon when `undefined`. */
  dbPath: string | undefined;
  /** The configuration folders that were asked for, absolute; the default of the addon when `undefined`. */
  configDirs: string[] | undefined;
  /** How to call this program again, ready to paste. */
  program: string;
}

/** Makes the context of one run. */
export function createContext(options: GlobalOptions): Context {
  const { stdout, stderr, env } = process;
  const json = options.json ?? false;
  const colorChoice = chooseColor(stdout, options.color, env);
  const columns = Number.parseInt(env['COLUMNS'] ?? '', 10);
  const asked = Number.isInteger(columns) && columns > 0 ? columns : undefined;
  return {
    out: sinkTo(stdout),
    err: sinkTo(stderr),
    colors: colorsFor(colorChoice),
    colorChoice,
    cells: (stdout.isTTY ? stdout.columns : asked) || asked || (stdout.isTTY ? 80 : Number.POSITIVE_INFINITY),
    progress: json || options.quiet ? 'none' : stderr.isTTY && env['TERM'] !== 'dumb' ? 'bar' : 'lines',
    progressStream: stderr,
    isTerminal: stdout.isTTY ?? false,
    json,
    dbPath: options.db === undefined ? undefined : resolve(options.db),
    configDirs: options.configDir?.map((dir) => resolve(dir)),
    program: programName(process.argv[1] ?? 'han'),
  };
}

/** `han` where it is installed, else the call with `node` and the path of the script. */
export function programName(script: string): string {
  const installed = basename(script) === 'han' || script.split(sep).includes('node_modules');
  return installed ? 'han' : `node ${shellWord(relative('', script))}`;
}

/** A word as it must be typed into a shell. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
