/** `han show` over a session with calls of tools, an agent and a compaction. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CallFigures, Compaction, Message, ToolCall, UsageFigures } from '@han/client';
import { beforeAll, describe, expect, it } from 'vitest';
import { callLine, unfoldedLines } from '../src/output/call-lines.js';
import { colorsFor } from '../src/output/color.js';
import { Home } from './han.js';

const home = new Home();
const id = '44444444-0000-4000-8000-000000000004';
const agentId = 'a881341';
const prompt = 'Look for the leak in the pool.';

/** The lines of a session: a prompt, a command that fails, an edit, an agent, a compaction, a last word. */
function transcript(): object[] {
  let number = 0;
  const line = (type: string, message: object, more: object = {}) => {
    number += 1;
    return {
      type,
      uuid: `${String(number).padStart(8, '0')}-0000-4000-8000-000000000000`,
      parentUuid: null,
      sessionId: id,
      cwd: '/home/ann/my-app',
      version: '2.1.39',
      timestamp: new Date(Date.UTC(2026, 10, 1, 12, 0, number)).toISOString(),
      ...(Object.keys(message).length === 0 ? {} : { message }),
      ...more,
    };
  };
  const user = (content: unknown, more: object = {}) => line('user', { role: 'user', content }, more);
  const assistant = (block: object, more: object = {}) =>
    line(
      'assistant',
      {
        id: `msg_${number}`,
        type: 'message',
        role: 'assistant',
        model: 'claude-haiku-4-5-20251001',
        content: [block],
        usage: { input_tokens: 1000, output_tokens: 100 },
      },
      more,
    );
  const call = (callId: string, name: string, input: object) => ({
    type: 'tool_use',
    id: callId,
    name,
    input,
  });
  const result = (callId: string, content: string, isError = false) =>
    user([{ type: 'tool_result', tool_use_id: callId, content, is_error: isError }]);
  const inAgent = { isSidechain: true, agentId };
  return [
    user('Why does the pool leak?'),
    assistant({ type: 'text', text: 'I look at it.' }),
    assistant(call('toolu_1', 'Bash', { command: 'npm test -- pool', description: 'Run the tests' })),
    result('toolu_1', 'Exit code 1\n1 test failed', true),
    assistant(
      call('toolu_2', 'Edit', {
        file_path: '/home/ann/my-app/pool.ts',
        old_string: 'a\nb',
        new_string: 'a\nc\nd',
      }),
    ),
    result('toolu_2', 'The file was updated.'),
    assistant(call('toolu_3', 'Task', { description: 'Find it', prompt, subagent_type: 'Explore' })),
    user(prompt, inAgent),
    assistant({ type: 'text', text: 'The agent found it.' }, inAgent),
    result('toolu_3', 'It is in release().'),
    line(
      'system',
      {},
      {
        subtype: 'compact_boundary',
        content: 'Conversation compacted',
        compactMetadata: { trigger: 'auto', preTokens: 155_000 },
      },
    ),
    assistant({ type: 'text', text: 'The leak is gone.' }),
  ];
}

beforeAll(async () => {
  const project = join(home.folder, 'config', 'projects', '-home-ann-my-app');
  mkdirSync(project, { recursive: true });
  writeFileSync(
    join(project, `${id}.jsonl`),
    `${transcript()
      .map((line) => JSON.stringify(line))
      .join('\n')}\n`,
  );
  expect((await home.han(['index', '--quiet'])).exit).toBe(0);
});

async function show(...options: string[]): Promise<string[]> {
  const { stdout, stderr, exit } = await home.han(['show', '4444', ...options]);
  expect({ stderr, exit }).toEqual({ stderr: '', exit: 0 });
  return stdout.split('\n');
}

describe('han show', () => {
  it('has the totals of the session at its head', async () => {
    const lines = await show();
    expect(lines).toContain('tokens  6,000 in, 600 out, 0 cached, <$0.01'.replace('<$0.01', '$0.01'));
    expect(lines).toContain('work    3 tool calls (1 failed), 1 file changed, +2 -1 line');
  });

  it('folds a call into one line with its argument, time, outcome and changed lines', async () => {
    const lines = await show();
    expect(lines).toContain('  ▸ Bash  $ npm test -- pool  1.00 s, failed');
    expect(lines).toContain('  ▸ Edit  /home/ann/my-app/pool.ts  1.00 s, ok, +2 -1');
    expect(lines.some((line) => line.startsWith('  ▸ Task (Explore)  Find it  3.00 s, ok'))).toBe(true);
    const text = lines.join('\n');
    expect(text).not.toContain('[Tool:');
    expect(text).not.toContain('1 test failed');
    expect(text).toContain('3 results of tools folded: --tools shows them.');
  });

  it('unfolds what tools were given and gave back with --tools', async () => {
    const lines = await show('--tools');
    const start = lines.indexOf('  ▸ Bash  $ npm test -- pool  1.00 s, failed');
    expect(lines.slice(start + 1, start + 6)).toEqual([
      '      $ npm test -- pool',
      '      description: Run the tests',
      '      ──',
      '      Exit code 1',
      '      1 test failed',
    ]);
  });

  it('folds an agent into a line with its kind, and indents it with --agents', async () => {
    const folded = await show();
    expect(folded).toContain(`▸ agent ${agentId} (Explore): 2 messages, 0 tool calls`);
    expect(folded.join('\n')).not.toContain('The agent found it.');
    const indented = await show('--agents');
    expect(indented).toContain(`    agent ${agentId} (Explore)`);
    expect(indented).toContain('      The agent found it.');
    // One agent that was asked for is the conversation itself.
    expect(await show('--agent', agentId)).toContain('  The agent found it.');
    const main = (await show('--agent', 'main')).join('\n');
    expect(main).toContain('The leak is gone.');
    expect(main).not.toContain(`agent ${agentId}`);
  });

  it('marks a compaction where it happened', async () => {
    const lines = await show();
    const mark = lines.findIndex((line) => line.startsWith('── summed up by itself'));
    expect(lines[mark]).toContain('155,000');
    expect(mark).toBeGreaterThan(lines.findIndex((line) => line.includes('▸ Task')));
    expect(mark).toBeLessThan(lines.indexOf('  The leak is gone.'));
    // It lies before what is shown.
    expect((await show('--newest', '--limit', '1')).join('\n')).not.toContain('summed up');
  });

  it('keeps to the width, and has colour only where it is wanted', async () => {
    const { stdout } = await home.han(['show', '4444', '--tools', '--agents'], { COLUMNS: '50' });
    for (const line of stdout.split('\n').slice(0, -2)) {
      expect(line.length, line).toBeLessThanOrEqual(50);
    }
    expect(stdout).not.toContain('\u001b');
    expect((await home.han(['show', '4444'], { FORCE_COLOR: '1' })).stdout).toContain('\u001b[');
  });

  it('has everything as JSON', async () => {
    const { value, exit } = await home.json(['show', '4444', '--all']);
    expect(exit).toBe(0);
    const document = value as {
      totals: UsageFigures & { calls: CallFigures };
      agents: { agentId?: string; kind?: string; outputTokens: number }[];
      compactions: Compaction[];
      messages: (Message & { toolCalls?: ToolCall[] })[];
    };
    expect(document.totals).toMatchObject({
      replyCount: 6,
      outputTokens: 600,
      // 6 replies of 1000 tokens in at 1 dollar and 100 out at 5 dollars a million.
      costNanoDollars: 6 * (1000 * 1000 + 100 * 5000),
      unpricedModels: [],
      calls: { callCount: 3, errorCount: 1, linesAdded: 2, linesRemoved: 1 },
    });
    expect(document.agents).toMatchObject([
      { outputTokens: 500 },
      { agentId, kind: 'Explore', outputTokens: 100 },
    ]);
    expect(document.compactions).toHaveLength(1);
    const calls = document.messages.flatMap(({ toolCalls = [] }) => toolCalls);
    expect(calls.map(({ name }) => name)).toEqual(['Bash', 'Edit', 'Task']);
    expect(calls.every(({ input }) => input === undefined)).toBe(true);
    const unfolded = (await home.json(['show', '4444', '--tools'])).value as typeof document;
    expect(unfolded.messages.flatMap(({ toolCalls = [] }) => toolCalls)[0]?.input).toContain('npm test');
  });
});

describe('a call', () => {
  const style = { cells: 60, colors: colorsFor({ enabled: false, reason: 'a test' }) };
  const call: ToolCall = {
    id: 'c',
    sessionId: 's',
    name: 'Bash\u001b[2J',
    filePaths: [],
    startedAt: '2026-11-01T12:00:00.000Z',
  };

  it('is safe for a terminal, on one line, and cut to the width', () => {
    const line = callLine(call, JSON.stringify({ command: `echo ${'x'.repeat(100)}\n\u0007` }), style);
    expect(line).toMatch(/^▸ Bash␛\[2J {2}\$ echo x+… {2}no result$/);
    expect(line.length).toBeLessThanOrEqual(60);
    expect(callLine(call, 'not JSON', style)).toContain('not JSON');
    expect(callLine(call, '', style)).toBe('▸ Bash␛[2J  no result');
  });

  it('is cut where it is long, unless it is wanted whole', () => {
    const result = JSON.stringify(
      Array.from({ length: 40 }, (_, line) => ({ type: 'text', text: `line ${line}` })),
    );
    const cut = unfoldedLines({ ...call, input: '{"command":"ls"}', result }, style, false);
    expect(cut).toHaveLength(1 + 1 + 24 + 1);
    expect(cut.at(-1)).toContain('--full');
    const whole = unfoldedLines({ ...call, input: '{"command":"ls"}', result }, style, true);
    expect(whole.at(-1)).toBe('    line 39');
  });

  it.each([
    ['"text"', 'text'],
    ['{"type":"tool_result","content":[{"type":"text","text":"inside"},{"type":"image"}]}', 'inside'],
    ['not JSON', 'not JSON'],
    ['null', 'null'],
  ])('has a result %s', (result, text) => {
    expect(unfoldedLines({ ...call, result }, style, false)[1]).toBe(`    ${text}`);
  });
});
