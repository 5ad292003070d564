/** The calls of tools of a session, by the messages that they stand in. */
import type { HanClient, Message, ToolCall } from '@han/client';

/** The calls of a session, and the kinds of its agents. */
export class SessionCalls {
  private readonly byMessage = new Map<string, ToolCall[]>();
  private readonly results = new Set<string>();
  private readonly starts: ToolCall[] = [];
  private readonly kinds = new Map<string, string | undefined>();
  private prompts: Map<string, string> | undefined;

  private constructor(
    private readonly client: HanClient,
    private readonly sessionId: string,
  ) {}

  /** Reads the calls of a session, without what they were given and gave back. */
  static async read(client: HanClient, sessionId: string): Promise<SessionCalls> {
    const calls = new SessionCalls(client, sessionId);
    for await (const call of client.toolCalls.all({ sessionId, pageSize: 1000 })) {
      calls.add(call);
    }
    return calls;
  }

  private add(call: ToolCall): void {
    const { messageId, resultMessageId, name } = call;
    if (messageId === undefined || name === undefined) {
      return;
    }
    // The newest come first.
    this.byMessage.set(messageId, [call, ...(this.byMessage.get(messageId) ?? [])]);
    if (resultMessageId !== undefined) {
      this.results.add(resultMessageId);
    }
    if (call.subagentType !== undefined) {
      this.starts.push(call);
    }
  }

  /** The calls that a message makes, in the order in which they were made. */
  of(message: Message): ToolCall[] {
    return this.byMessage.get(message.id) ?? [];
  }

  /** Whether a message holds the result of a known call, and nothing that somebody said. */
  isResult(message: Message): boolean {
    return message.speaker === 'tool' && this.results.has(message.id);
  }

  /** What a call was given, as JSON text. The message of a call knows that of its first. */
  inputOf(call: ToolCall, message: Message): string {
    const isFirst = this.of(message)[0]?.id === call.id;
    return (isFirst ? message.toolInput : undefined) ?? this.whole(call).input ?? '';
  }

  /** A call with its input and result. */
  whole(call: ToolCall): ToolCall {
    return this.client.toolCalls.get(call.id) ?? call;
  }

  /** The kind of an agent, as the call that started it names it: an agent begins with the prompt of that call. */
  kindOf(agentId: string): string | undefined {
    if (!this.kinds.has(agentId)) {
      const [first] = this.client.messages.page(this.sessionId, { agentId, limit: 1 }).items;
      this.kinds.set(agentId, this.kindByPrompt().get(first?.content?.trim() ?? ''));
    }
    return this.kinds.get(agentId);
  }

  private kindByPrompt(): Map<string, string> {
    this.prompts ??= new Map(
      this.starts.flatMap((call): [string, string][] => {
        const prompt = promptOf(this.whole(call).input);
        return prompt === undefined || call.subagentType === undefined ? [] : [[prompt, call.subagentType]];
      }),
    );
    return this.prompts;
  }
}

function promptOf(input: string | undefined): string | undefined {
  try {
    const value: unknown = JSON.parse(input ?? '');
    const prompt =
      typeof value === 'object' && value !== null && 'prompt' in value ? value.prompt : undefined;
    return typeof prompt === 'string' && prompt.trim() !== '' ? prompt.trim() : undefined;
  } catch {
    // A caller of `insertMessagesBatch` may store any text.
    return undefined;
  }
}
