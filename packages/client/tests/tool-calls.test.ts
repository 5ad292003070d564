import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newClient, temporaryFolder } from './archive.js';

const sessionId = '44444444-0000-4000-8000-000000000004';

/** A session with a call of each tool, the second of which fails. */
function writeCalls(): string {
  const folder = temporaryFolder();
  const project = join(folder, 'projects', '-home-ann-my-app');
  mkdirSync(project, { recursive: true });
  const entry = (number: number, type: string, message: object) =>
    JSON.stringify({
      type,
      uuid: `44444444-0000-4000-8000-1000000000${String(number).padStart(2, '0')}`,
      sessionId,
      timestamp: `2026-05-01T12:00:0${number}.000Z`,
      cwd: '/home/ann/my-app',
      message,
    });
  const call = (number: number, name: string, input: object) =>
    entry(number, 'assistant', {
      role: 'assistant',
      content: [{ type: 'tool_use', id: `toolu_${name}`, name, input }],
    });
  const result = (number: number, name: string, content: unknown, isError: boolean) =>
    entry(number, 'user', {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: `toolu_${name}`, content, is_error: isError }],
    });
  const lines = [
    call(1, 'Bash', { command: 'make "it"' }),
    result(2, 'Bash', 'done', false),
    call(3, 'Agent', { subagent_type: 'reviewer', prompt: 'look' }),
    result(5, 'Agent', [{ type: 'text', text: 'no' }], true),
    call(6, 'Read', { file_path: '/home/ann/my-app/a.ts' }),
  ];
  writeFileSync(join(project, `${sessionId}.jsonl`), `${lines.join('\n')}\n`);
  return folder;
}

describe('tool calls', () => {
  it('have inputs and results as they were written', async () => {
    const client = newClient();
    await client.indexer.scan({ configDirs: [writeCalls()] });
    expect(client.toolCalls.get('toolu_Bash')).toMatchObject({
      sessionId,
      name: 'Bash',
      input: '{"command":"make \\"it\\""}',
      result: '"done"',
      isError: false,
      startedAt: '2026-05-01T12:00:01.000Z',
      durationMs: 1000,
    });
    const agent = client.toolCalls.get('toolu_Agent');
    expect(agent).toMatchObject({ subagentType: 'reviewer', isError: true, durationMs: 2000 });
    expect(JSON.parse(agent?.result ?? '')).toEqual([{ type: 'text', text: 'no' }]);
    expect(client.toolCalls.get('toolu_None')).toBeNull();
  });

  it('come by pages and one by one, the newest first', async () => {
    const client = newClient();
    await client.indexer.scan({ configDirs: [writeCalls()] });
    const names: (string | undefined)[] = [];
    for await (const call of client.toolCalls.all({ pageSize: 1, sessionId })) names.push(call.name);
    expect(names).toEqual(['Read', 'Agent', 'Bash']);
    expect(client.toolCalls.page({ isError: true }).items.map(({ name }) => name)).toEqual(['Agent']);
    expect(client.toolCalls.page({ isError: false, name: 'Bash' }).items).toHaveLength(1);
    const [first] = client.toolCalls.page({ limit: 1 }).items;
    expect(first).not.toHaveProperty('input');
    expect(client.toolCalls.page({ limit: 1, withContent: true }).items[0]?.input).toContain('a.ts');
  });

  it('are what dashboards count', async () => {
    const client = newClient();
    await client.indexer.scan({ configDirs: [writeCalls()] });
    const { toolUsage, subagentUsage } = await client.activity.dashboard('2026-05-01');
    expect(toolUsage).toEqual([
      { toolName: 'Agent', count: 1 },
      { toolName: 'Bash', count: 1 },
      { toolName: 'Read', count: 1 },
    ]);
    expect(subagentUsage).toEqual([{ subagentType: 'reviewer', count: 1 }]);
  });
});
