/** A session as people read it. */
import type { Message, SessionOverview } from '@han/client';
import type { Colors } from './color.js';
import { oneLine, printable } from './printable.js';
import { sessionTitle } from './sessions-table.js';
import { cutTo, wrap } from './text.js';
import { toolInputText, withToolInput } from './tool-input.js';
import { count, counted, localTime } from './units.js';

/** What stands above a session. */
export function sessionLines(session: SessionOverview, cells: number, colors: Colors): string[] {
  const { startedAt, endedAt, messageCount, agentCount, inputTokens, outputTokens } = session;
  const cached = session.cacheReadTokens + session.cacheCreationTokens;
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
      `${counted(messageCount, 'message')}${agentCount > 0 ? `, ${counted(agentCount, 'agent')}` : ''}, ` +
        `${count(inputTokens)} tokens in, ${count(outputTokens)} out, ${count(cached)} cached`,
    ],
    ['file', session.transcriptPath],
  ];
  return [
    colors.bold(cutTo(sessionTitle(session), cells)),
    ...facts
      .filter(([, value]) => value !== undefined && value !== '')
      .map(([name, value = '']) => `${colors.dim(name.padEnd(8))}${cutTo(oneLine(value), cells - 8)}`),
  ];
}

/** Lines of a message that are shown without `--full`. */
const shownLines = 24;

/** Characters of a message that are looked at without `--full`: more than fits in the shown lines of any terminal. */
const shownCharacters = 16_000;

/** Whether a message has anything to show. */
export function hasText({ content, toolResult, toolInput }: Message): boolean {
  return [content ?? toolResult, toolInput].some((text) => text !== undefined && text.trim() !== '');
}

/**
 * One message: who and when, then the text. No lines for a row without text.
 *
 * @param full - Whether a long message is shown whole.
 */
export function messageLines(message: Message, cells: number, colors: Colors, full: boolean): string[] {
  const input = message.toolInput === undefined ? '' : toolInputText(message.toolInput, full);
  const said = (message.content ?? message.toolResult ?? '').replace(/^(?:[ \t]*\n)+/, '');
  const content = withToolInput(said, message.toolName, input);
  if (!hasText(message)) {
    return [];
  }
  const text = printable(full ? content : content.slice(0, shownCharacters)).trimEnd();
  const lines = wrap(text, cells - 2);
  const shown = full ? lines : lines.slice(0, shownLines);
  const body = shown.map((line) => (line.trim() === '' ? '' : `  ${line.trimEnd()}`));
  if (shown.length < lines.length || text.length < content.trimEnd().length) {
    body.push(colors.dim('  … (--full shows the rest)'));
  }
  return [headLine(message, cells, colors), ...body];
}

function headLine(message: Message, cells: number, colors: Colors): string {
  const who = oneLine(message.speaker ?? message.role ?? message.messageType);
  const paint = { user: colors.green, assistant: colors.cyan }[who] ?? colors.magenta;
  const rest = [
    localTime(message.timestamp),
    ...(message.toolName === undefined ? [] : [oneLine(message.toolName)]),
    ...(message.agentId === undefined ? [] : [`agent ${oneLine(message.agentId)}`]),
  ].join('  ');
  return `${paint(colors.bold(who))}  ${colors.dim(cutTo(rest, cells - who.length - 2))}`;
}
