// Files of lines for the JSONL tests, with a slow clear twin that says what is in them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonlLine } from '../index.js';
import { temporaryFolder } from './processes';

/** A new file that is gone after the test. */
export function newFile(content: string | Uint8Array, name = 'lines.jsonl'): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, content);
  return file;
}

/** Many lines of JSON, numbered in `n`. */
export function numbered(count: number, text = 'some words'): string {
  return Array.from({ length: count }, (_, n) => `${JSON.stringify({ n, text })}\n`).join('');
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The lines of a file, taken apart as plainly as possible. */
export function linesOf(content: string | Uint8Array): JsonlLine[] {
  const bytes = Buffer.from(content as Uint8Array);
  const lines: JsonlLine[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(10, start);
    const end = newline === -1 ? bytes.length : newline;
    const text = decoder.decode(bytes.subarray(start, end));
    lines.push({
      lineNumber: lines.length,
      byteOffset: start,
      content: start === 0 && text.startsWith('\ufeff') ? text.slice(1) : text,
    });
    start = end + 1;
  }
  return lines;
}

/** Whether a line has only ASCII white space. */
export function isBlank({ content }: JsonlLine): boolean {
  return /^[\t\f\r ]*$/.test(content);
}

/** Whether a line is JSON, but for one byte order mark at its head; that of the file is gone already. */
export function isJson({ lineNumber, content }: JsonlLine): boolean {
  try {
    JSON.parse(lineNumber === 0 ? content : content.replace(/^\ufeff/, ''));
    return true;
  } catch {
    return false;
  }
}

/** Inputs that are not what a writer of JSON lines would write on a good day. */
export const oddInputs: Record<string, string | Uint8Array> = {
  nothing: '',
  'one newline': '\n',
  'only newlines': '\n\n\n\n',
  'one unterminated line': '{"a":1}',
  'two lines': '{"a":1}\n{"b":2}\n',
  'a torn last line': '{"a":1}\n{"b":2}\n{"c":',
  'carriage returns': '{"a":1}\r\n\r\n{"b":2}\r\n{"c":3}\r',
  'a byte order mark': '\ufeff{"a":1}\n\ufeff{"b":2}\n',
  'only a byte order mark': '\ufeff',
  'two byte order marks': '\ufeff\ufeff{"a":1}\n',
  'blank lines': '\n \t\n{"a":1}\n\n\f\r\n\v\n{"b":2}\n   \n\n',
  'blank lines and no newline': '{"a":1}\n\n  ',
  'no JSON at all': 'one\ntwo\n[\n"three"\n4\nnull\n',
  NUL: '{"a":"\0"}\n\0\n\0\0\n"after"\n',
  'not UTF-8': Buffer.from([
    0x22, 0xff, 0xfe, 0x22, 0x0a, 0xc3, 0x0a, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x0a, 0xf0, 0x9f, 0x9a, 0x0a,
    0x80,
  ]),
  'other alphabets': '{"a":"é ü ß"}\n{"b":"日本語"}\n{"c":"🚢🦦"}\n"ascii"\n{"d":"\u2028"}\n',
  'lines longer than what is read at once': [1, 300_000, 2, 700_000, 3]
    .map((length, n) => JSON.stringify({ n, text: (n % 2 ? 'é' : 'x').repeat(length) }))
    .join('\n'),
  'many short lines': numbered(5000, 'é'),
  'many blank lines': `${'\n'.repeat(70_000)}{"a":1}\n${' \n'.repeat(70_000)}{"b":2}\n${'\n'.repeat(70_000)}`,
};
