/** What a tool was called with, as people read it. */

/** Characters of an input that are shown without `--full`. */
const shownCharacters = 400;

/** Lines of a command that are shown without `--full`. */
const shownLines = 6;

/** Fields that say what a call is about, the most telling first; the others are shown with `--full`. */
const tellingFields = [
  'file_path',
  'notebook_path',
  'pattern',
  'query',
  'url',
  'path',
  'description',
  'prompt',
];

/**
 * The input of a tool: a command as a shell shows it, else the field that tells most, else compact JSON. What was cut
 * off ends with `…`.
 *
 * @param json - The input as JSON text; anything else is shown as it is.
 * @param full - Whether everything is shown: further fields one by one.
 *
 * @example
 * ```ts
 * toolInputText('{"command":"ls","timeout":5}', false); // '$ ls'
 * toolInputText('{"command":"ls","timeout":5}', true); // '$ ls\ntimeout: 5'
 * toolInputText('{"file_path":"/a.ts","old_string":"x"}', false); // '/a.ts'
 * toolInputText('{"ids":[1,2]}', false); // '{"ids":[1,2]}'
 * ```
 */
export function toolInputText(json: string, full: boolean): string {
  const fields = fieldsOf(json);
  if (fields === undefined) {
    return full ? json : cut(json);
  }
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : '');
  const lead = ['command', ...tellingFields].find((name) => text(name).trim() !== '');
  if (lead === undefined) {
    return full ? lines(fields).join('\n') : cut(JSON.stringify(fields));
  }
  const first = lead === 'command' ? `$ ${text(lead)}` : text(lead);
  if (full) {
    const { [lead]: _, ...others } = fields;
    return [first, ...lines(others)].join('\n');
  }
  // A search is told by what is looked for and where.
  const place = lead === 'pattern' ? text('path') : '';
  return place === '' ? cut(first) : `${cut(first)} in ${cut(place)}`;
}

/**
 * The text of a message with the input of its first tool call below the line that names the tool, or at the end.
 *
 * @param content - Text of the message, with a line `[Tool: NAME]` for each call.
 */
export function withToolInput(content: string, toolName: string | undefined, input: string): string {
  if (input.trim() === '') {
    return content;
  }
  const all = content === '' ? [] : content.split('\n');
  const place = all.indexOf(`[Tool: ${toolName ?? ''}]`);
  const indented = input.split('\n').map((line) => `  ${line}`);
  all.splice(place === -1 ? all.length : place + 1, 0, ...indented);
  return all.join('\n');
}

function fieldsOf(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    // A caller of `insertMessagesBatch` may store any text.
    return undefined;
  }
}

/** One field a line; texts of several lines below their name. */
function lines(fields: Record<string, unknown>): string[] {
  return Object.entries(fields).map(([name, value]) => {
    if (typeof value !== 'string') {
      return `${name}: ${JSON.stringify(value)}`;
    }
    return value.includes('\n') ? `${name}:\n${value.replace(/^/gm, '  ')}` : `${name}: ${value}`;
  });
}

function cut(text: string): string {
  const short = text.split('\n').slice(0, shownLines).join('\n').slice(0, shownCharacters);
  // Not between the halves of a character.
  return short.length === text.length ? text : `${short.replace(/[\ud800-\udbff]$/, '').trimEnd()} …`;
}
