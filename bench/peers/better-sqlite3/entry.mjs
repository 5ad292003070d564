/** One parsed transcript line to the values of a message: what is searchable, who said it, what it cost. */
const ROLES = new Set(['user', 'assistant', 'system']);

/** The time that the entry itself carries. */
export function timestampOf(entry) {
  return entry.timestamp ?? entry.snapshot?.timestamp ?? null;
}

export function roleOf(entry) {
  return ROLES.has(entry.type) ? entry.type : null;
}

/** The token counts of an assistant entry, null when neither input nor output is known. */
export function usageOf(entry) {
  if (entry.type !== 'assistant') return null;
  const usage = entry.message?.usage ?? entry.usage;
  return usage?.input_tokens === undefined && usage?.output_tokens === undefined ? null : usage;
}

/** The searchable text of the entry, or null. */
export function contentOf(entry) {
  if (entry.type === 'summary') return entry.summary ?? null;
  if (!ROLES.has(entry.type)) return null;
  return textOf(entry.message?.content, partText) || textOf(entry.content, plainText) || null;
}

function textOf(content, read) {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  let text = '';
  for (const part of content) {
    const piece = read(part);
    if (piece) text = text === '' ? piece : `${text}\n${piece}`;
  }
  return text;
}

const plainText = (part) => (part?.type === 'text' ? part.text : '');

function partText(part) {
  switch (part?.type) {
    case 'text':
      return part.text;
    case 'thinking':
      return part.thinking;
    case 'tool_use':
      return `[Tool: ${part.name ?? 'unknown'}]`;
    case 'tool_result':
      return textOf(part.content, plainText);
    default:
      return '';
  }
}
