// Records made-up sessions in the shape of Claude Code transcripts. What the tools answer follows from the files of the
// imaginary project: a read shows what earlier edits left, an edit carries the file as it was.
import { createHash } from 'node:crypto';

const LINE_LIMIT = 12;

/** Hexadecimal digits that depend on nothing but the words. */
function digest(length, ...words) {
  return createHash('sha256').update(words.join('\0')).digest('hex').slice(0, length);
}

/** A UUID of version 4 that depends on nothing but the words. */
export function uuidOf(...words) {
  const hex = digest(32, ...words);
  const variant = '89ab'[Number.parseInt(hex[16], 16) % 4];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-');
}

/** An id of an API message, request or tool call. */
function opaqueId(prefix, ...words) {
  const bytes = createHash('sha256').update(words.join('\0')).digest('base64');
  return prefix + bytes.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 22);
}

/** About how many tokens a text has. */
const tokensOf = (text) => Math.ceil(text.length / 4);

const numbered = (text, from = 1) =>
  text
    .split('\n')
    .map((line, index) => `${String(index + from).padStart(6)}→${line}`)
    .join('\n');

/** One hunk with the changed lines and three lines around them. */
function patchOf(before, after) {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  let head = 0;
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head += 1;
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < fresh.length - head &&
    old[old.length - 1 - tail] === fresh[fresh.length - 1 - tail]
  ) {
    tail += 1;
  }
  const start = Math.max(0, head - 3);
  const around = Math.min(3, tail);
  const lines = [
    ...old.slice(start, head).map((line) => ` ${line}`),
    ...old.slice(head, old.length - tail).map((line) => `-${line}`),
    ...fresh.slice(head, fresh.length - tail).map((line) => `+${line}`),
    ...old.slice(old.length - tail, old.length - tail + around).map((line) => ` ${line}`),
  ];
  return [
    {
      oldStart: start + 1,
      oldLines: old.length - tail + around - start,
      newStart: start + 1,
      newLines: fresh.length - tail + around - start,
      lines,
    },
  ];
}

/** An imaginary project: a folder and the files in it as they are at this point of the story. */
export class Project {
  /**
   * @param {string} cwd its folder
   * @param {Record<string, string>} files contents by path below the folder
   */
  constructor(cwd, files) {
    this.cwd = cwd;
    this.slug = cwd.replaceAll(/[^A-Za-z0-9]/g, '-');
    this.files = new Map(Object.entries(files));
  }

  content(path) {
    const text = this.files.get(path);
    if (text === undefined) throw new Error(`${this.cwd} has no file ${path}`);
    return text;
  }
}

/** The lines of one file: the main conversation or an agent's. */
export class Recorder {
  /**
   * @param {Project} project where the session takes place
   * @param {object} session
   * @param {string} session.name a name of its own, from which all ids follow
   * @param {string} session.start when it begins, ISO 8601 in UTC
   * @param {string} session.version version of the program that wrote the transcript
   * @param {string} [session.branch] default `main`
   * @param {Recorder} [parent] the conversation that started this agent
   */
  constructor(project, session, parent) {
    this.project = project;
    this.session = session;
    this.parent = parent;
    this.id = parent ? parent.id : uuidOf('session', session.name);
    this.agentId = parent ? `a${digest(16, 'agent', session.name)}` : undefined;
    this.now = parent ? parent.now : Date.parse(session.start);
    this.lines = [];
    this.lastUuid = null;
    this.context = 9000;
    this.replies = 0;
    this.agents = [];
  }

  /** The file below the config folder. */
  get path() {
    const main = `projects/${this.project.slug}/${this.id}`;
    return this.parent ? `${main}/subagents/agent-${this.agentId}.jsonl` : `${main}.jsonl`;
  }

  wait(seconds) {
    this.now += Math.round(seconds * 1000);
    return this;
  }

  #stamp(milliseconds = 700) {
    this.now += milliseconds;
    return new Date(this.now).toISOString();
  }

  #entry(type, fields) {
    const uuid = uuidOf(this.session.name, this.agentId ?? '', this.lines.length);
    this.lines.push({
      parentUuid: this.lastUuid,
      isSidechain: this.parent !== undefined,
      ...(this.agentId ? { agentId: this.agentId } : {}),
      userType: 'external',
      cwd: this.project.cwd,
      sessionId: this.id,
      version: this.session.version,
      gitBranch: this.session.branch ?? 'main',
      type,
      ...fields,
      uuid,
      timestamp: this.#stamp(),
    });
    this.lastUuid = uuid;
    return uuid;
  }

  /** The session's title, as newer versions write it. */
  title(text) {
    this.lines.push({ type: 'ai-title', aiTitle: text, sessionId: this.id });
    return this;
  }

  /** The summary of an earlier conversation at the head of a file, as older versions write it. */
  summary(text, of) {
    this.lines.push({ type: 'summary', summary: text, leafUuid: of.lastUuid });
    return this;
  }

  /** What a person types. */
  prompt(text, afterSeconds = 45) {
    this.wait(afterSeconds);
    this.context += tokensOf(text);
    this.#entry('user', { message: { role: 'user', content: text } });
    return this;
  }

  /**
   * One reply of the model: thoughts, text and calls in the order given, each on a line of its own, and the results of
   * the calls behind them.
   *
   * @param {...(string | { thinking: string } | { tool: string })} blocks a string is text; calls come from the methods below
   */
  reply(...blocks) {
    this.replies += 1;
    const key = [this.session.name, this.agentId ?? '', this.replies];
    const [messageId, requestId] = [
      opaqueId('msg_01', 'message', ...key),
      opaqueId('req_01', 'request', ...key),
    ];
    const contents = blocks.map((block, index) => this.#block(block, key, index));
    const created = 400 + 37 * (this.replies % LINE_LIMIT);
    let output = 0;
    const pending = [];
    for (const [index, content] of contents.entries()) {
      output += tokensOf(JSON.stringify(content)) + 3;
      const uuid = this.#entry('assistant', {
        message: {
          id: messageId,
          type: 'message',
          role: 'assistant',
          model: 'sample-model-1',
          content: [content],
          stop_reason:
            index === contents.length - 1 ? (content.type === 'tool_use' ? 'tool_use' : 'end_turn') : null,
          stop_sequence: null,
          usage: {
            input_tokens: 4,
            cache_creation_input_tokens: created,
            cache_read_input_tokens: this.context,
            output_tokens: output,
            service_tier: 'standard',
          },
        },
        requestId,
      });
      this.wait(1.5 + output / 90);
      if (content.type === 'tool_use') pending.push({ content, uuid, block: blocks[index] });
    }
    this.context += created + output;
    for (const call of pending) this.#result(call);
    return this;
  }

  #block(block, key, index) {
    if (typeof block === 'string') return { type: 'text', text: block };
    if (block.thinking !== undefined) {
      const signature = createHash('sha512').update(block.thinking).digest('base64');
      return { type: 'thinking', thinking: block.thinking, signature: signature + signature };
    }
    return {
      type: 'tool_use',
      id: opaqueId('toolu_01', ...key, index),
      name: block.tool,
      input: block.input(this),
    };
  }

  #result({ content, uuid, block }) {
    const { text, detail, isError = false, seconds = 0.4 } = block.answer(this);
    this.wait(seconds);
    this.context += tokensOf(typeof text === 'string' ? text : JSON.stringify(text));
    this.#entry('user', {
      message: {
        role: 'user',
        content: [
          {
            tool_use_id: content.id,
            type: 'tool_result',
            content: text,
            ...(isError ? { is_error: true } : {}),
          },
        ],
      },
      toolUseResult: detail,
      sourceToolAssistantUUID: uuid,
    });
  }

  /** The conversation is compacted: a boundary, then the summary the next turn starts from. */
  compact(text) {
    const before = this.lastUuid;
    const tokens = this.context;
    this.lastUuid = null;
    this.#entry('system', {
      subtype: 'compact_boundary',
      content: 'Conversation compacted',
      isMeta: false,
      level: 'info',
      logicalParentUuid: before,
      compactMetadata: { trigger: 'auto', preTokens: tokens },
    });
    this.#entry('user', {
      message: { role: 'user', content: text },
      isVisibleInTranscriptOnly: true,
      isCompactSummary: true,
    });
    this.context = 12000 + tokensOf(text);
    return this;
  }

  /** How long the turn took, as the program writes it when it ends. */
  turnEnds(seconds) {
    this.#entry('system', {
      subtype: 'turn_duration',
      durationMs: Math.round(seconds * 1000),
      isMeta: false,
    });
    return this;
  }

  /** The finished file. */
  toBuffer() {
    return Buffer.from(this.lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }
}

/** A text that the model writes for itself before it answers. */
export const think = (thinking) => ({ thinking });

/** Runs a command. */
export function bash(command, description, stdout, { seconds = 1.2, fails = false } = {}) {
  return {
    tool: 'Bash',
    input: () => ({ command, description }),
    answer: () =>
      fails
        ? { text: `Exit code 1\n${stdout}`, detail: `Error: Exit code 1\n${stdout}`, isError: true, seconds }
        : { text: stdout, detail: { stdout, stderr: '', interrupted: false, isImage: false }, seconds },
  };
}

/** Reads a file of the project as it is now. */
export function read(path) {
  return {
    tool: 'Read',
    input: ({ project }) => ({ file_path: `${project.cwd}/${path}` }),
    answer({ project }) {
      const content = project.content(path);
      const count = content.split('\n').length;
      const file = {
        filePath: `${project.cwd}/${path}`,
        content,
        numLines: count,
        startLine: 1,
        totalLines: count,
      };
      return { text: numbered(content), detail: { type: 'text', file } };
    },
  };
}

/** Replaces a piece of a file; the piece must stand in it exactly once. */
export function edit(path, oldString, newString) {
  return {
    tool: 'Edit',
    input: ({ project }) => ({
      file_path: `${project.cwd}/${path}`,
      old_string: oldString,
      new_string: newString,
      replace_all: false,
    }),
    answer({ project }) {
      const before = project.content(path);
      if (before.split(oldString).length !== 2)
        throw new Error(`${path}: the piece to edit does not stand there once`);
      const after = before.replace(oldString, () => newString);
      project.files.set(path, after);
      return {
        text: `The file ${project.cwd}/${path} has been updated successfully.`,
        detail: {
          filePath: `${project.cwd}/${path}`,
          oldString,
          newString,
          originalFile: before,
          structuredPatch: patchOf(before, after),
          userModified: false,
          replaceAll: false,
        },
      };
    },
  };
}

/** Creates a file. */
export function write(path, content) {
  return {
    tool: 'Write',
    input: ({ project }) => ({ file_path: `${project.cwd}/${path}`, content }),
    answer({ project }) {
      project.files.set(path, content);
      const filePath = `${project.cwd}/${path}`;
      return {
        text: `File created successfully at: ${filePath}`,
        detail: { type: 'create', filePath, content, structuredPatch: [], originalFile: null },
      };
    },
  };
}

/** Finds a text in the files of the project as they are now. */
export function grep(pattern) {
  return {
    tool: 'Grep',
    input: () => ({ pattern, output_mode: 'content', '-n': true }),
    answer({ project }) {
      const expression = new RegExp(pattern);
      const hits = [...project.files].flatMap(([path, text]) =>
        text
          .split('\n')
          .flatMap((line, index) => (expression.test(line) ? [`${path}:${index + 1}:${line}`] : [])),
      );
      const filenames = [...new Set(hits.map((hit) => hit.slice(0, hit.indexOf(':'))))];
      const content = hits.join('\n') || 'No matches found';
      return {
        text: content,
        detail: { mode: 'content', filenames, numFiles: filenames.length, content, numLines: hits.length },
      };
    },
  };
}

/** Writes the list of things to do: each `[x] done`, `[>] in progress` or `[ ] pending`. */
export function todo(...items) {
  const status = { x: 'completed', '>': 'in_progress', ' ': 'pending' };
  const todos = items.map((item) => ({
    content: item.slice(4),
    status: status[item[1]],
    activeForm: item.slice(4),
  }));
  return {
    tool: 'TodoWrite',
    input: () => ({ todos }),
    answer: () => ({
      text: 'Todos have been modified successfully.',
      detail: { oldTodos: [], newTodos: todos },
      seconds: 0.05,
    }),
  };
}

/**
 * Starts an agent.
 *
 * @param {string} description what it is for, in a few words
 * @param {string} prompt its task
 * @param {(agent: Recorder) => void} work records what it does
 * @param {string} report its answer
 */
export function agent(description, prompt, work, report) {
  return {
    tool: 'Task',
    input: () => ({ description, prompt, subagent_type: 'general-purpose' }),
    answer(parent) {
      const name = `${parent.session.name}/${parent.agents.length + 1}`;
      const child = new Recorder(parent.project, { ...parent.session, name }, parent);
      parent.agents.push(child);
      child.prompt(prompt, 1);
      work(child);
      child.reply(report);
      const seconds = (child.now - parent.now) / 1000;
      const content = [{ type: 'text', text: report }];
      return {
        text: content,
        detail: {
          status: 'completed',
          prompt,
          agentId: child.agentId,
          content,
          totalDurationMs: Math.round(seconds * 1000),
          totalTokens: child.context,
          totalToolUseCount: child.lines.filter((line) => line.toolUseResult !== undefined).length,
        },
        seconds,
      };
    },
  };
}
