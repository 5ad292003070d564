/** Calls of tools as people read them: one line each, or unfolded. */
import type { ToolCall } from '@han/client';
import type { Colors } from './color.js';
import { oneLine, printable } from './printable.js';
import { cutTo, width, wrap } from './text.js';
import { toolInputText } from './tool-input.js';
import { count, duration } from './units.js';

/** How calls are drawn. */
export interface CallStyle {
  cells: number;
  colors: Colors;
}

/**
 * A call on one line: name, what it is about, time, outcome, changed lines.
 *
 * @param input - What the call was given, as JSON text.
 */
export function callLine(call: ToolCall, input: string, { cells, colors }: CallStyle): string {
  const name = oneLine(call.name ?? '');
  const kind = call.subagentType === undefined ? '' : ` (${oneLine(call.subagentType)})`;
  const facts = [
    ...(call.durationMs === undefined ? [] : [duration(call.durationMs)]),
    outcome(call),
    ...changedLines(call),
  ].join(', ');
  const about = oneLine(toolInputText(input, false));
  const head = `▸ ${name}${kind}`;
  const room = Math.max(8, cells - width(head) - width(facts) - 4);
  const painted = call.isError ? colors.red(facts) : colors.dim(facts);
  return `${colors.magenta(head)}${about === '' ? '' : `  ${cutTo(about, room)}`}  ${painted}`;
}

function outcome({ isError }: ToolCall): string {
  return isError === undefined ? 'no result' : isError ? 'failed' : 'ok';
}

function changedLines({ linesAdded, linesRemoved }: ToolCall): string[] {
  return linesAdded === undefined && linesRemoved === undefined
    ? []
    : [`+${count(linesAdded ?? 0)} -${count(linesRemoved ?? 0)}`];
}

/** Lines of an input or a result that are shown without `--full`. */
const shownLines = 24;

/** Characters of one that are looked at without `--full`. */
const shownCharacters = 16_000;

/** What a call was given and gave back, indented. */
export function unfoldedLines(call: ToolCall, { cells, colors }: CallStyle, full: boolean): string[] {
  const block = (text: string) => {
    const safe = printable(full ? text : text.slice(0, shownCharacters)).trimEnd();
    if (safe === '') {
      return [];
    }
    const lines = wrap(safe, Math.max(8, cells - 4));
    const shown = full ? lines : lines.slice(0, shownLines);
    const isCut = shown.length < lines.length || (!full && text.trimEnd().length > shownCharacters);
    const rest = isCut ? [colors.dim('    … (--full shows the rest)')] : [];
    return [...shown.map((line) => `    ${line.trimEnd()}`.trimEnd()), ...rest];
  };
  const result = block(resultText(call.result));
  return [
    ...block(toolInputText(call.input ?? '', true)),
    ...(result.length > 0 ? [colors.dim('    ──'), ...result] : []),
  ];
}

/** The text of a result: a text, or the texts of its blocks; anything else as JSON. */
function resultText(json = ''): string {
  try {
    const value: unknown = JSON.parse(json);
    const blocks = Array.isArray(value) ? value : [value];
    return blocks.map(blockText).join('\n');
  } catch {
    // A caller of `insertMessagesBatch` may store any text.
    return json;
  }
}

function blockText(block: unknown): string {
  if (typeof block === 'string') {
    return block;
  }
  const isObject = typeof block === 'object' && block !== null;
  if (isObject && 'text' in block && typeof block.text === 'string') {
    return block.text;
  }
  if (isObject && 'content' in block) {
    const { content } = block;
    return Array.isArray(content) ? content.map(blockText).join('\n') : blockText(content);
  }
  return isObject && 'type' in block && block.type === 'image' ? '[image]' : JSON.stringify(block);
}
