/** JSON for programs: one document on stdout, written in pieces so that it may be larger than memory. */
import type { Sink } from './sink.js';

/** Writes one value as a JSON document. */
export async function writeJson(out: Sink, value: unknown): Promise<void> {
  await out.line(JSON.stringify(value, null, 2));
}

/**
 * Writes an object with one list whose items come one after the other, then the fields that are known only after the
 * list. Same shape as `writeJson({ ...before, [name]: items, ...after() })`, items one per line.
 */
export async function writeJsonWithList(
  out: Sink,
  before: Record<string, unknown>,
  name: string,
  items: AsyncIterable<unknown>,
  after: () => Record<string, unknown>,
): Promise<void> {
  const fields = (record: Record<string, unknown>) =>
    Object.entries(record)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `  ${JSON.stringify(key)}: ${indent(JSON.stringify(value, null, 2))}`);
  const head = fields(before).map((field) => `${field},\n`);
  await out.write(`{\n${head.join('')}  ${JSON.stringify(name)}: [`);
  let separator = '\n';
  for await (const item of items) {
    await out.write(`${separator}    ${JSON.stringify(item)}`);
    separator = ',\n';
  }
  const tail = fields(after()).map((field) => `,\n${field}`);
  await out.write(`${separator === '\n' ? ']' : '\n  ]'}${tail.join('')}\n}\n`);
}

function indent(json: string): string {
  return json.replaceAll('\n', '\n  ');
}
