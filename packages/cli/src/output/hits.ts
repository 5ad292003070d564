/** Search hits for people. */
import type { SearchHit } from '@han/client';
import type { Colors } from './color.js';
import { oneLine } from './printable.js';
import { shortId } from './session-id.js';
import { paintSnippet } from './snippet.js';
import { cutTo, wrap } from './text.js';
import { localTime } from './units.js';

/**
 * One hit: where it is, who said it when, and the snippet with what was found highlighted.
 *
 * @param cells - Width to keep to; `Infinity` for no limit.
 */
export function hitLines(hit: SearchHit, cells: number, colors: Colors): string[] {
  const limited = Number.isFinite(cells);
  const where = [hit.projectName, hit.sessionTitle]
    .filter((part) => part !== undefined)
    .map(oneLine)
    .join(' · ');
  const who = [
    limited ? shortId(hit.sessionId) : oneLine(hit.sessionId),
    localTime(hit.timestamp),
    oneLine(hit.speaker ?? hit.messageType),
    ...(hit.toolName === undefined ? [] : [oneLine(hit.toolName)]),
    ...(hit.agentId === undefined ? [] : [`agent ${oneLine(hit.agentId)}`]),
  ].join('  ');
  const snippet = paintSnippet(hit.snippet, hit.highlights, (text) => colors.bold(colors.yellow(text)));
  return [
    colors.bold(cutTo(where || shortId(hit.sessionId), cells)),
    colors.dim(cutTo(who, cells)),
    ...wrap(snippet, cells - 2).map((line) => `  ${line.trimEnd()}`),
  ];
}
