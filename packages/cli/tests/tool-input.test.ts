import { describe, expect, it } from 'vitest';
import { colorsFor } from '../src/output/color.js';
import { messageLines } from '../src/output/conversation.js';
import { toolInputText, withToolInput } from '../src/output/tool-input.js';

describe('the input of a tool', () => {
  it.each([
    [{ command: 'ls -la', description: 'List' }, '$ ls -la'],
    [{ file_path: '/a.ts', old_string: 'x', new_string: 'y' }, '/a.ts'],
    [{ notebook_path: '/a.ipynb', new_source: 'x' }, '/a.ipynb'],
    [{ pattern: '**/*.ts', path: '/src' }, '**/*.ts in /src'],
    [{ pattern: 'TODO' }, 'TODO'],
    [{ query: 'tide tables' }, 'tide tables'],
    [{ description: 'Find it', prompt: 'Look everywhere', subagent_type: 'Explore' }, 'Find it'],
    [{ command: '', ids: [1, 2] }, '{"command":"","ids":[1,2]}'],
    [{ command: 7 }, '{"command":7}'],
    [{}, '{}'],
    [[1, 2], '[1,2]'],
    ['text', '"text"'],
  ])('%j is shown as %j', (input, text) => expect(toolInputText(JSON.stringify(input), false)).toBe(text));

  it('that is no JSON is shown as it is', () => expect(toolInputText('{ls', false)).toBe('{ls'));

  it('is cut, and whole with --full', () => {
    const command = Array.from({ length: 9 }, (_, line) => `echo ${line}`).join('\n');
    const json = JSON.stringify({ command, timeout: 5, note: 'a\nb' });
    expect(toolInputText(json, false)).toBe('$ echo 0\necho 1\necho 2\necho 3\necho 4\necho 5 …');
    expect(toolInputText(json, true)).toBe(`$ ${command}\ntimeout: 5\nnote:\n  a\n  b`);
    const long = JSON.stringify({ ids: 'x'.repeat(1000) });
    expect(toolInputText(long, false)).toBe(`${long.slice(0, 400)} …`);
    expect(toolInputText(long, true)).toBe(`ids: ${'x'.repeat(1000)}`);
    const cut = toolInputText(JSON.stringify({ command: `a${'🦦'.repeat(500)}` }), false);
    expect(() => encodeURIComponent(cut), 'no half of a character').not.toThrow();
  });

  it('stands below the line that names the tool, else at the end', () => {
    expect(withToolInput('I look.\n[Tool: Bash]\n[Tool: Read]', 'Bash', '$ ls\npwd')).toBe(
      'I look.\n[Tool: Bash]\n  $ ls\n  pwd\n[Tool: Read]',
    );
    expect(withToolInput('I look.', 'Bash', '$ ls')).toBe('I look.\n  $ ls');
    expect(withToolInput('', undefined, '$ ls')).toBe('  $ ls');
    expect(withToolInput('I look.', 'Bash', '')).toBe('I look.');
  });

  it('of a message is safe for a terminal', () => {
    const colors = colorsFor({ enabled: false, reason: 'a test' });
    const message = {
      id: 'm',
      sessionId: 's',
      messageType: 'assistant',
      speaker: 'assistant',
      toolName: 'Bash',
      content: '[Tool: Bash]',
      toolInput: JSON.stringify({ command: 'printf "\u001b[2J"' }),
      timestamp: '2026-11-01T12:00:00.000Z',
      lineNumber: 0,
    };
    expect(messageLines(message, 80, colors, false).slice(1)).toEqual([
      '  [Tool: Bash]',
      '    $ printf "␛[2J"',
    ]);
  });
});
