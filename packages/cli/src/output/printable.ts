/** Text from transcripts, made safe for a terminal. */

// Everything that can move the cursor, change colours, reorder or hide text. A transcript holds whatever a tool printed.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to replace
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * Replaces control characters by visible ones, one for one, so that offsets into the text stay right. Line feeds and
 * tabs are kept.
 */
export function printable(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) {
      return String.fromCharCode(0x2400 + code);
    }
    return code === 0x7f ? '\u2421' : '\ufffd';
  });
}

/** Printable text on one line: every run of white space becomes one space. */
export function oneLine(text: string): string {
  return printable(text.replace(/\s+/g, ' ').trim());
}
