/** A session as people read it. */
import type { CallFigures, Compaction, Message, SessionOverview, UsageFigures } from '@han/client';
import type { Colors } from './color.js';
import { dollars } from './money.js';
import { oneLine, printable } from './printable.js';
import { sessionTitle } from './sessions-table.js';
import { cutTo, wrap } from './text.js';
import { toolInputText, withToolInput } from './tool-input.js';
import { count, counted, localTime } from './units.js';

/** What a session used, cost and did. */
export interface SessionTotals {
  usage: UsageFigures;
  calls: CallFigures;
}

/** What stands above a session. */
export function sessionLines(
  session: SessionOverview,
  totals: SessionTotals,
  cells: number,
  colors: Colors,
): string[] {
  const { startedAt, endedAt, messageCount, agentCount } = session;
  const facts: [string, string | undefined][] = [
    ['session', session.id],
    ['project', [session.projectName, session.projectPath].filter((part) => part !== undefined).join(' · ')],
    [
      'time',
      [startedAt, endedAt]
        .filter((part) => part !== undefined)
        .map(localTime)
        .join(' to '),
    ],
    [
      'size',
      `${counted(messageCount, 'message')}${agentCount > 0 ? `, ${counted(agentCount, 'agent')}` : ''}`,
    ],
    ['tokens', tokensText(totals.usage)],
    ['work', workText(totals.calls)],
    ['file', fileText(session)],
  ];
  return [
    colors.bold(cutTo(sessionTitle(session), cells)),
    ...facts
      .filter(([, value]) => value !== undefined && value !== '')
      .map(([name, value = '']) => `${colors.dim(name.padEnd(8))}${cutTo(oneLine(value), cells - 8)}`),
  ];
}

/** Where the transcript lies; of a session that has lost one, that only the database holds it. */
function fileText({ transcriptPath, isSourceMissing }: SessionOverview): string | undefined {
  return isSourceMissing
    ? [transcriptPath, '(gone, kept in the database)'].filter(Boolean).join(' ')
    : transcriptPath;
}

function tokensText(usage: UsageFigures): string {
  const cached = usage.cacheReadTokens + usage.cacheCreationTokens;
  const unpriced =
    usage.unpricedReplies > 0
      ? ` without ${counted(usage.unpricedReplies, 'reply', 'replies')} of unknown price`
      : '';
  return `${count(usage.inputTokens)} in, ${count(usage.outputTokens)} out, ${count(cached)} cached, ${dollars(usage.costDollars)}${unpriced}`;
}

function workText(calls: CallFigures): string {
  if (calls.callCount === 0) {
    return '';
  }
  const failed = calls.errorCount > 0 ? ` (${count(calls.errorCount)} failed)` : '';
  const files =
    calls.fileCount > 0
      ? `, ${counted(calls.fileCount, 'file')} changed, +${count(calls.linesAdded)} -${counted(calls.linesRemoved, 'line')}`
      : '';
  return `${counted(calls.callCount, 'tool call')}${failed}${files}`;
}

/** The line that marks a compaction: from here on the agent knew only a summary of what was said. */
export function compactionLine(compaction: Compaction, cells: number, colors: Colors): string {
  const { compactType, tokensBefore, tokensAfter } = compaction;
  const how = { auto_compact: ' by itself', compact: ' as asked', continuation: ' in another session' }[
    compactType ?? ''
  ];
  const tokens = [tokensBefore, tokensAfter].filter((tokens) => tokens !== undefined).map(count);
  const size = tokens.length === 0 ? '' : `, ${tokens.join(' to ')} tokens`;
  const text = `── summed up${how ?? ''}  ${localTime(compaction.timestamp)}${size} ──`;
  return colors.yellow(cutTo(text, cells));
}

/** Lines of a message that are shown without `--full`. */
const shownLines = 24;

/** Characters of a message that are looked at without `--full`: more than fits in the shown lines of any terminal. */
const shownCharacters = 16_000;

/** Whether a message has anything to show. */
export function hasText({ content, toolResult, toolInput }: Message): boolean {
  return [content ?? toolResult, toolInput].some((text) => text !== undefined && text.trim() !== '');
}

/** Calls of a message, drawn already. */
export interface CallsOfMessage {
  /** The tools, as marks in the text name them. */
  names: string[];
  lines: string[];
}

/**
 * One message: who and when, then the text, then its calls of tools. No lines for a row without text.
 *
 * @param full - Whether a long message is shown whole.
 * @param calls - They stand below the text, instead of the marks in it. Without any, the input of the tool stands below
 *   its mark.
 */
export function messageLines(
  message: Message,
  cells: number,
  colors: Colors,
  full: boolean,
  calls: CallsOfMessage = { names: [], lines: [] },
): string[] {
  if (!hasText(message)) {
    return [];
  }
  const said = (message.content ?? message.toolResult ?? '').replace(/^(?:[ \t]*\n)+/, '');
  const input = message.toolInput === undefined ? '' : toolInputText(message.toolInput, full);
  const content =
    calls.names.length > 0 ? withoutMarks(said, calls.names) : withToolInput(said, message.toolName, input);
  const text = printable(full ? content : content.slice(0, shownCharacters)).trimEnd();
  const lines = text === '' ? [] : wrap(text, cells - 2);
  const shown = full ? lines : lines.slice(0, shownLines);
  const body = shown.map((line) => (line.trim() === '' ? '' : `  ${line.trimEnd()}`));
  if (shown.length < lines.length || text.length < content.trimEnd().length) {
    body.push(colors.dim('  … (--full shows the rest)'));
  }
  const head = headLine(message, calls.names.length === 0, cells, colors);
  return [head, ...body, ...calls.lines.map((line) => `  ${line}`.trimEnd())];
}

/** The text without one line `[Tool: NAME]` for each call. */
function withoutMarks(text: string, names: string[]): string {
  const left = names.map((name) => `[Tool: ${name}]`);
  return text
    .split('\n')
    .filter((line) => {
      const index = left.indexOf(line);
      if (index !== -1) {
        left.splice(index, 1);
      }
      return index === -1;
    })
    .join('\n');
}

function headLine(message: Message, withTool: boolean, cells: number, colors: Colors): string {
  const who = oneLine(message.speaker ?? message.role ?? message.messageType);
  const paint = { user: colors.green, assistant: colors.cyan }[who] ?? colors.magenta;
  const rest = [
    localTime(message.timestamp),
    ...(message.toolName === undefined || !withTool ? [] : [oneLine(message.toolName)]),
    ...(message.agentId === undefined ? [] : [`agent ${oneLine(message.agentId)}`]),
  ].join('  ');
  return `${paint(colors.bold(who))}  ${colors.dim(cutTo(rest, cells - who.length - 2))}`;
}
