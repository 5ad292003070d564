/** Writes the conversation of a session: messages, calls of tools folded, agents folded or indented, compactions. */
import type { Compaction, Message, ToolCall } from '@han/client';
import type { Context } from '../../context.js';
import { callLine, unfoldedLines } from '../../output/call-lines.js';
import { compactionLine, messageLines } from '../../output/conversation.js';
import { oneLine } from '../../output/printable.js';
import { cutTo } from '../../output/text.js';
import { counted } from '../../output/units.js';
import type { SessionCalls } from './calls.js';

/** What is folded. */
export interface Folds {
  /** Whether inputs and results of tools are shown. */
  tools: boolean;
  /** Whether conversations of agents are shown, indented; a line for each stands for them otherwise. */
  agents: boolean;
  /** Whether long texts are shown whole. */
  full: boolean;
}

/** What an agent said since the last message of the main conversation. */
interface AgentRun {
  messages: number;
  calls: number;
}

const indentation = '    ';

/** Writes messages one by one. */
export class Conversation {
  /** Messages that were written. */
  shown = 0;
  private readonly runs = new Map<string, AgentRun>();
  private speaking: string | undefined;

  /**
   * @param compactions - Oldest first; those before the first message that is written are its own only when `isStart`.
   * @param isAgentsOwn - Whether one agent was asked for: its conversation is the main one then.
   */
  constructor(
    private readonly context: Context,
    private readonly calls: SessionCalls,
    private compactions: Compaction[],
    private readonly folds: Folds,
    private readonly options: { isStart: boolean; isAgentsOwn: boolean },
  ) {}

  /** Writes a message, or keeps it in mind where it is folded. */
  async write(message: Message): Promise<void> {
    const { agentId } = message;
    if (agentId === undefined || this.options.isAgentsOwn) {
      await this.endRuns();
      this.speaking = undefined;
      await this.markCompactions(message.timestamp);
      await this.lines(this.linesOf(message, this.context.cells));
      this.shown += 1;
    } else if (this.folds.agents) {
      await this.writeIndented(message, agentId);
      this.shown += 1;
    } else {
      const run = this.runs.get(agentId) ?? { messages: 0, calls: 0 };
      run.messages += 1;
      run.calls += this.calls.of(message).length;
      this.runs.set(agentId, run);
    }
  }

  /** Writes what is left at the end of a session, or of the part of it that is shown. */
  async end(isWhole: boolean): Promise<void> {
    await this.endRuns();
    if (isWhole) {
      await this.markCompactions(undefined);
    }
  }

  private linesOf(message: Message, cells: number): string[] {
    const { colors } = this.context;
    const style = { cells: cells - 2, colors };
    const calls = this.calls.of(message);
    const lines = calls.flatMap((call) => [
      callLine(call, this.calls.inputOf(call, message), style),
      ...(this.folds.tools ? this.unfolded(call, cells) : []),
    ]);
    const names = calls.map(({ name }) => name ?? '');
    return messageLines(message, cells, colors, this.folds.full, { names, lines });
  }

  private unfolded(call: ToolCall, cells: number): string[] {
    const style = { cells: cells - 2, colors: this.context.colors };
    return unfoldedLines(this.calls.whole(call), style, this.folds.full);
  }

  private async writeIndented(message: Message, agentId: string): Promise<void> {
    const { cells, colors, out } = this.context;
    if (this.speaking !== agentId) {
      await out.line();
      await out.line(colors.blue(cutTo(`${indentation}${this.agentName(agentId)}`, cells)));
      this.speaking = agentId;
    }
    const lines = this.linesOf(message, Math.max(20, cells - indentation.length));
    await this.lines(lines.map((line) => (line === '' ? '' : `${indentation}${line}`)));
  }

  /** A line for each agent that spoke since the last message of the main conversation. */
  private async endRuns(): Promise<void> {
    const { cells, colors } = this.context;
    const lines = [...this.runs].map(([agentId, { messages, calls }]) =>
      colors.blue(
        cutTo(
          `▸ ${this.agentName(agentId)}: ${counted(messages, 'message')}, ${counted(calls, 'tool call')}`,
          cells,
        ),
      ),
    );
    this.runs.clear();
    if (lines.length > 0) {
      await this.lines(lines);
    }
  }

  private agentName(agentId: string): string {
    const kind = this.calls.kindOf(agentId);
    return `agent ${oneLine(agentId)}${kind === undefined ? '' : ` (${oneLine(kind)})`}`;
  }

  /** Marks the compactions up to a moment; all that are left without one. */
  private async markCompactions(until: string | undefined): Promise<void> {
    const { cells, colors } = this.context;
    const isDue = ({ timestamp }: Compaction) => until === undefined || timestamp <= until;
    const due = this.compactions.filter(isDue);
    this.compactions = this.compactions.filter((compaction) => !isDue(compaction));
    // What comes before the part that is shown is not marked in it.
    if (this.shown > 0 || this.options.isStart) {
      for (const compaction of due) {
        await this.lines([compactionLine(compaction, cells, colors)]);
      }
    }
  }

  private async lines(lines: string[]): Promise<void> {
    for (const line of ['', ...lines]) {
      await this.context.out.line(line);
    }
  }
}
