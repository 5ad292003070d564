// What callers may leave out or give as null, and what they may not give at all.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { beforeEach, describe, expect, it } from 'vitest';
import native from '../../index.js';
import { root } from '../processes';
import { errorOf, newPlace, type Place, thrownBy, timeOf, transcript, write } from './transcripts';

const call = native as unknown as Record<string, (...values: unknown[]) => unknown>;
const typings = ts.createSourceFile(
  'index.d.ts',
  readFileSync(join(root, 'packages/native/index.d.ts'), 'utf8'),
  ts.ScriptTarget.Latest,
  true,
);

/** The fields of a record, in the order of the typings. */
function fieldsOf(name: string): { name: string; optional: boolean; type: string }[] {
  const found = typings.statements.filter(ts.isInterfaceDeclaration).find((one) => one.name.text === name);
  if (found === undefined) throw new Error(`no record ${name}`);
  return found.members.filter(ts.isPropertySignature).map((member) => ({
    name: member.name.getText(),
    optional: member.questionToken !== undefined,
    type: member.type?.getText() ?? '',
  }));
}

/** Records that functions take: how to call one with it, and its required fields. */
const inputs: Record<string, { required: object; take: (place: Place, input: unknown) => unknown }> = {
  RepoInput: {
    required: { remote: 'r', name: 'n' },
    take: ({ dbPath }, input) => call['upsertRepo']?.(dbPath, input),
  },
  ProjectInput: {
    required: { slug: 's', path: '/p', name: 'n' },
    take: ({ dbPath }, input) => call['upsertProject']?.(dbPath, input),
  },
  SessionInput: {
    required: { id: 's' },
    take: ({ dbPath }, input) => call['upsertSession']?.(dbPath, input),
  },
  MessageInput: {
    required: { id: 'm', messageType: 'user', timestamp: '2026-01-01T00:00:00Z', lineNumber: 0 },
    take: ({ dbPath }, input) => {
      native.upsertSession(dbPath, { id: 's' });
      return call['insertMessagesBatch']?.(dbPath, 's', [input]);
    },
  },
  MessagePageOptions: {
    required: {},
    take: ({ dbPath }, input) => call['listMessagesPage']?.(dbPath, 's', input),
  },
  SessionPageOptions: {
    required: {},
    take: ({ dbPath }, input) => call['listSessionsPage']?.(dbPath, input),
  },
  SearchOptions: {
    required: {},
    take: ({ dbPath }, input) =>
      Promise.all([
        call['searchTranscripts']?.(dbPath, 'x', input),
        call['searchTranscriptsAsync']?.(dbPath, 'x', input),
      ]),
  },
  IndexOptions: {
    required: {},
    take: async (place, input) => [
      await call['indexSessionFileAsync']?.(place.dbPath, write(place.file(), transcript(1)), input),
      await call['indexProjectDirectoryAsync']?.(place.dbPath, place.projectDir, input),
    ],
  },
};

/** How to call the functions that read JSONL files with the options that each takes. */
const ofFile =
  (...functions: [name: string, ...values: unknown[]][]) =>
  (place: Place, input: unknown) => {
    const file = write(place.file(), transcript(2));
    return Promise.all(functions.map(([name, ...values]) => call[name]?.(file, ...values, input)));
  };
Object.assign(inputs, {
  JsonlJobOptions: {
    required: {},
    take: ofFile(['jsonlCountLinesAsync'], ['jsonlBuildIndexAsync']),
  },
  JsonlFilterOptions: {
    required: {},
    take: ofFile(['jsonlFilterAsync', []], ['jsonlFilterTimeRangeAsync', 't', timeOf(0), timeOf(1)]),
  },
  JsonlReaderOptions: {
    required: {},
    take: ofFile(['jsonlOpenReader']),
  },
});

/** The least that a hook has, whichever way it waits. */
const hook = { hookType: 'Stop', plugin: 'lint', hookName: 'check', directory: '/p', command: 'run' };
/** How to call a function on the database of a place, where what its record refers to exists. */
const onDatabase = (name: string) => (place: Place, input: unknown) => {
  native.upsertSession(place.dbPath, { id: 's' });
  return call[name]?.(place.dbPath, input);
};
/** How to call a function that takes no database; a record of an orchestration is of a new one. */
const withoutDatabase = (name: string) => (place: Place, input: unknown) =>
  native.withDatabase(place.dbPath, () => {
    const { id } = native.createOrchestration({ hookType: 'Stop', projectRoot: '/p' });
    const { orchestrationId } = input as { orchestrationId?: unknown };
    // The record itself may be frozen.
    const own = () => Object.create(input as object, { orchestrationId: { value: id } }) as object;
    return call[name]?.(orchestrationId === 'new' ? own() : input);
  });
/** How to call a function of a task: it is created before. */
const ofTask = (name: string) => (_: Place, input: unknown) => {
  const { dbPath } = newPlace();
  native.createTask(dbPath, { taskId: 't', description: 'd', taskType: 'fix' });
  return call[name]?.(dbPath, input);
};
Object.assign(inputs, {
  ConfigDirInput: { required: { path: '/w' }, take: onDatabase('registerConfigDir') },
  TaskInput: {
    required: { taskId: 'new', description: 'd', taskType: 'fix' },
    take: ofTask('createTask'),
  },
  TaskCompletion: {
    required: { taskId: 't', outcome: 'success', confidence: 1 },
    take: ofTask('completeTask'),
  },
  TaskFailure: { required: { taskId: 't', reason: 'r' }, take: ofTask('failTask') },
  TaskPageOptions: { required: {}, take: onDatabase('listTasksPage') },
  OrchestrationInput: {
    required: { hookType: 'Stop', projectRoot: '/p' },
    take: withoutDatabase('createOrchestration'),
  },
  QueuedHookInput: {
    required: {
      orchestrationId: 'new',
      plugin: 'lint',
      hookName: 'check',
      directory: '/p',
      command: 'run',
    },
    take: withoutDatabase('queueHook'),
  },
  PendingHookInput: {
    required: { orchestrationId: 'new', ...hook },
    take: withoutDatabase('queuePendingHook'),
  },
  HookExecutionInput: {
    required: { hookType: 'Stop', hookName: 'check', durationMs: 1, exitCode: 0, passed: true },
    take: onDatabase('recordHookExecution'),
  },
  HookExecutionPageOptions: { required: {}, take: onDatabase('listHookExecutionsPage') },
  AsyncHookQueueInputNative: {
    required: { sessionId: 's', cwd: '/p', plugin: 'lint', hookName: 'check', filePaths: [], command: 'run' },
    take: onDatabase('enqueueAsyncHook'),
  },
  FrustrationEventInput: {
    required: { frustrationLevel: 'low', frustrationScore: 1, userMessage: 'no' },
    take: onDatabase('recordFrustration'),
  },
});

Object.assign(inputs, {
  PageOptions: {
    required: {},
    take: ({ dbPath }, input) =>
      [
        call['listReposPage']?.(dbPath, input),
        call['listConfigDirsPage']?.(dbPath, input),
        call['listBrokenLinesPage']?.(dbPath, input),
        call['listSessionsWithoutSummariesPage']?.(dbPath, input),
        call['listNativeTasksPage']?.(dbPath, 's', input),
        call['listPendingAsyncHooksPage']?.(dbPath, 's', input),
        call['listQueuedHooksPage']?.(dbPath, 'o', input),
        call['listAllSessionValidationsPage']?.(dbPath, 's', input),
        call['listSessionValidationsPage']?.(dbPath, 's', 'p', 'h', '/d', input),
        call['listFilesForValidationPage']?.(dbPath, 's', 'p', 'h', '/d', input),
      ] as const,
  },
  ProjectPageOptions: { required: {}, take: onDatabase('listProjectsPage') },
  SessionFileChangeInput: {
    required: { sessionId: 's', filePath: '/a', action: 'modified' },
    take: onDatabase('recordFileChange'),
  },
  SessionFileValidationInput: {
    required: {
      sessionId: 's',
      filePath: '/a',
      fileHash: '1',
      pluginName: 'p',
      hookName: 'h',
      directory: '/d',
      commandHash: 'c',
    },
    take: onDatabase('recordFileValidation'),
  },
  SessionSummaryInput: {
    required: { sessionId: 's', messageId: 'm', timestamp: '2026-01-01T00:00:00Z', lineNumber: 0 },
    take: onDatabase('upsertSessionSummary'),
  },
  SessionCompactInput: {
    required: { sessionId: 's', messageId: 'm', timestamp: '2026-01-01T00:00:00Z', lineNumber: 0 },
    take: onDatabase('upsertSessionCompact'),
  },
  SessionTodosInput: {
    required: {
      sessionId: 's',
      messageId: 'm',
      todosJson: '[]',
      timestamp: '2026-01-01T00:00:00Z',
      lineNumber: 0,
    },
    take: onDatabase('upsertSessionTodos'),
  },
  GeneratedSessionSummaryInput: {
    required: { sessionId: 's', summaryText: 'text', topics: ['topic'] },
    take: onDatabase('upsertGeneratedSummary'),
  },
  FileChangePageOptions: {
    required: {},
    take: ({ dbPath }, input) => call['listFileChangesPage']?.(dbPath, 's', input),
  },
  GeneratedSummaryPageOptions: {
    required: {},
    take: ({ dbPath }, input) => call['searchGeneratedSummariesPage']?.(dbPath, 'x', input),
  },
  FtsDocument: {
    required: { id: 'a', content: 'text' },
    take: ({ dbPath }, input) => call['ftsIndex']?.(dbPath, 'store', [input]),
  },
  VectorDocumentInput: {
    required: { id: 'a', content: 'text', vector: [1, 2] },
    take: ({ dbPath }, input) => call['vectorIndex']?.(dbPath, 'store', [input]),
  },
  VectorDocument: {
    required: { id: 'a', content: 'text', vector: [1, 2] },
    take: ({ dbPath }, input) => call['vectorIndexAsync']?.(dbPath, 'store', [input]),
  },
  VectorOptions: {
    required: {},
    take: ({ dbPath }, input) => {
      native.vectorIndex(dbPath, 'store', [{ id: 'a', content: 'text', vector: [1] }]);
      return Promise.all([
        call['vectorIndexAsync']?.(dbPath, 'store', [], input),
        call['vectorSearchAsync']?.(dbPath, 'store', [1], 1, input),
      ]);
    },
  },
} satisfies typeof inputs);

let place: Place;
beforeEach(() => {
  place = newPlace();
});

describe.each(Object.entries(inputs))('%s', (name, { required, take }) => {
  const fields = fieldsOf(name);
  const optional = fields.filter((field) => field.optional);
  const all = (value: unknown) => Object.fromEntries(optional.map((field) => [field.name, value]));

  it('is described by the typings: these fields are required, and the others may be null', () => {
    expect(
      fields
        .filter((field) => !field.optional)
        .map((field) => field.name)
        .sort(),
    ).toEqual(Object.keys(required).sort());
    expect(optional.filter(({ type }) => !type.endsWith(' | undefined | null'))).toEqual([]);
  });

  it('takes null and undefined for every optional field as if it were absent', async () => {
    const plain = await take(place, required);
    expect(plain).toBeDefined();
    for (const value of [null, undefined]) {
      const answer = await take(newPlace(), { ...required, ...all(value) });
      expect(shapeOf(answer)).toEqual(shapeOf(plain));
    }
  });

  it('is not changed, and may be frozen or have its fields from a class', async () => {
    const given = Object.freeze({ ...required, ...all(null) });
    await take(place, given);
    expect(given).toStrictEqual({ ...required, ...all(null) });
    class Given {}
    Object.assign(Given.prototype, required);
    expect(shapeOf(await take(place, Object.assign(new Given(), all(null))))).toEqual(
      shapeOf(await take(place, required)),
    );
  });

  it('refuses another type in any field, and null in a required one', async () => {
    for (const field of fields) {
      const wrong = field.type.startsWith('number') ? 'text' : 5;
      const error = await outcome(() => take(place, { ...required, [field.name]: wrong }));
      expect(error, field.name).toMatchObject(errorOf('INVALID_ARGUMENT'));
      if (!field.optional) {
        for (const nothing of [null, undefined]) {
          const missing = await outcome(() => take(place, { ...required, [field.name]: nothing }));
          expect(missing, field.name).toMatchObject(errorOf('INVALID_ARGUMENT', field.name));
        }
      }
    }
  });
});

/** The fields of an answer and the types of their values; ids and times differ from call to call. */
function shapeOf(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(shapeOf);
  if (answer === null || typeof answer !== 'object') return typeof answer;
  return Object.fromEntries(Object.entries(answer).map(([key, value]) => [key, shapeOf(value)]));
}

async function outcome(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    return error;
  }
}

/**
 * The config folder and the standard input of whoever runs the tests; what is written to a new place each time, or to the
 * data folder; and what asks a repository, which `git.test.ts` has.
 */
const notToBeRepeated =
  /^(fullScanAndIndexAsync|jsonlOpenStdin|backupDatabaseAsync|restoreTranscriptsAsync|(load|save)HashCache|git[A-Z].*)$/;

describe('an optional parameter', () => {
  const optional: [string, unknown[], number][] = typings.statements
    .filter(ts.isFunctionDeclaration)
    .map(({ name, parameters }): [string, unknown[], number] => [
      name?.text ?? '',
      parameters.filter(({ questionToken }) => !questionToken).map((parameter) => parameter.name.getText()),
      parameters.filter(({ questionToken }) => questionToken).length,
    ])
    .filter(([name, , count]) => count > 0 && !notToBeRepeated.test(name));

  it.each(optional)('of %s may be absent, undefined or null', async (name, required, count) => {
    write(place.file(), transcript(2));
    // Functions without a path use the database that was used last, and some want rows in it.
    native.dbInit(place.dbPath);
    const { id: orchestrationId } = native.createOrchestration({ hookType: 'Stop', projectRoot: '/p' });
    native.queuePendingHook({ orchestrationId, sessionId: 's', ...hook });
    native.ftsIndex(place.dbPath, 'store', [{ id: 'a', content: 'text' }]);
    native.vectorIndex(place.dbPath, 'store', [{ id: 'a', content: 'text', vector: [1] }]);
    const values: Record<string, unknown> = {
      ...hook,
      pluginName: 'lint',
      tableName: 'store',
      documents: [],
      queryVector: [1],
      orchestrationId,
      input: { orchestrationId, projectRoot: '/p', ...hook },
      id: orchestrationId,
      update: { id: orchestrationId, totalHooks: 1 },
      status: 'running',
      success: true,
      output: 'text',
      error: 'text',
      errorMessage: 'text',
      durationMs: 1,
      increase: 1,
      totalTasks: 1,
      dbPath: place.dbPath,
      sessionId: 's',
      query: 'text',
      idPrefix: '0',
      dirPath: place.projectDir,
      projectDir: place.projectDir,
      filePath: place.file(),
      filters: [],
      timestampField: 'timestamp',
      startTime: timeOf(0),
      endTime: timeOf(1),
      limit: 5,
      rootDir: place.projectDir,
      patterns: ['**'],
      markers: ['*.jsonl'],
      paths: ['a.ts'],
      files: [place.file()],
      filePaths: [place.file()],
      cachedManifest: { a: '' },
      data: 'text',
    };
    const given = required.map((parameter) => values[`${parameter}`]);
    expect(given).not.toContain(undefined);
    const answers: unknown[] = [];
    for (const nothing of [[], Array(count).fill(undefined), Array(count).fill(null)]) {
      answers.push(shapeOf(await call[name]?.(...given, ...nothing)));
    }
    expect(answers[0]).toBeDefined();
    // The first call of an index function may find more than the next.
    if (!name.startsWith('index')) expect(answers[0]).toEqual(answers[1]);
    expect(answers[1]).toEqual(answers[2]);
  });

  it('of fullScanAndIndexAsync may be null inside its options', async () => {
    write(place.file(), transcript(2));
    const options = { configDirs: [place.configDir], jobId: null, onProgress: null };
    expect(await native.fullScanAndIndexAsync(place.dbPath, options)).toMatchObject({ filesIndexed: 1 });
  });
});

describe('a number', () => {
  const bad = [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 32, 1e300];

  it.each(bad)('of rows is not %d', async (number) => {
    const { dbPath } = place;
    const calls: (() => unknown)[] = [
      () => native.listSessions(dbPath, null, null, number),
      () => native.listSessionMessages(dbPath, 's', null, null, number),
      () => native.listSessionMessages(dbPath, 's', null, null, null, number),
      () => native.searchMessages(dbPath, 'x', null, number),
      () => native.findSessions(dbPath, '', number),
      () => native.listBrokenLines(dbPath, number),
      () => native.searchGeneratedSummaries(dbPath, 'x', number),
      () => native.listSessionsWithoutSummaries(dbPath, number),
      () => native.listFileChangesPage(dbPath, 's', { limit: number }),
      () => native.searchGeneratedSummariesPage(dbPath, 'x', { limit: number }),
      () => native.listSessionsPage(dbPath, { limit: number }),
      () => native.listMessagesPage(dbPath, 's', { limit: number }),
      () => native.listTasksPage(dbPath, { limit: number }),
      () => native.listHookExecutionsPage(dbPath, { limit: number }),
      () => native.listReposPage(dbPath, { limit: number }),
      () => native.listProjectsPage(dbPath, { limit: number }),
      () => native.listBrokenLinesPage(dbPath, { limit: number }),
      () => native.listFilesForValidationPage(dbPath, 's', 'p', 'h', '/d', { limit: number }),
      () => native.searchTranscripts(dbPath, 'x', { limit: number }),
      () => native.searchTranscriptsAsync(dbPath, 'x', { limit: number }),
      () => native.ftsSearch(dbPath, 'store', 'x', number),
      () => native.ftsSearchAsync(dbPath, 'store', 'x', number),
      () => native.vectorSearch(dbPath, 'store', [1], number),
      () => native.vectorSearchAsync(dbPath, 'store', [1], number),
    ];
    for (const one of calls) {
      expect(await outcome(one)).toMatchObject(
        errorOf('INVALID_ARGUMENT', ': it is a whole number from 0 to 4294967295'),
      );
    }
  });

  it.each([0, 1001])('of rows of a page is not %d', (limit) => {
    const { dbPath } = place;
    for (const page of [
      () => native.listSessionsPage(dbPath, { limit }),
      () => native.listMessagesPage(dbPath, 's', { limit }),
      () => native.searchTranscripts(dbPath, 'x', { limit }),
    ]) {
      expect(thrownBy(page)).toMatchObject(errorOf('INVALID_ARGUMENT', `limit = ${limit}: it is 1 to 1000`));
    }
  });
});

describe('a word of a closed list', () => {
  it.each([
    ['only', () => native.listHookExecutionsPage(place.dbPath, { only: 'failed' as never })],
    ['order', () => native.searchTranscripts(place.dbPath, 'x', { order: 'best' as never })],
    ['order', () => native.listMessagesPage(place.dbPath, 's', { order: '' as never })],
    ['speaker', () => native.listMessagesPage(place.dbPath, 's', { speaker: 'nobody' as never })],
    ['speaker', () => native.searchTranscripts(place.dbPath, 'x', { speaker: 'User' as never })],
  ])('in %s is no other', (name, work) => {
    expect(thrownBy(work)).toMatchObject(errorOf('INVALID_ARGUMENT', name));
  });
});

describe('a time', () => {
  const bad = ['', 'yesterday', '2026-13-01T00:00:00Z', '2026-01-01', '2026-01-01T00:00:00', '99999', ' '];

  it.each(bad)('is not %j', async (time) => {
    const { dbPath } = place;
    native.upsertSession(dbPath, { id: 's' });
    const message = { id: 'm', messageType: 'user', timestamp: time, lineNumber: 0 };
    const calls: (() => unknown)[] = [
      () => native.insertMessagesBatch(dbPath, 's', [message]),
      () => native.listSessionsPage(dbPath, { since: time }),
      () => native.listSessionsPage(dbPath, { until: time }),
      () => native.searchTranscripts(dbPath, 'x', { since: time }),
      () => native.searchTranscriptsAsync(dbPath, 'x', { until: time }),
    ];
    for (const one of calls) {
      expect(await outcome(one)).toMatchObject(errorOf('INVALID_TIMESTAMP', JSON.stringify(time)));
    }
  });
});

describe('a cursor', () => {
  function three() {
    const { dbPath } = place;
    for (const session of ['1', '2', '3']) {
      native.upsertSession(dbPath, { id: session });
      native.insertMessagesBatch(
        dbPath,
        session,
        ['a', 'b', 'c'].map((id) => ({
          id: `${session}${id}`,
          messageType: 'user',
          content: 'needle',
          timestamp: '2026-01-01T00:00:00Z',
          lineNumber: 0,
        })),
      );
    }
    return dbPath;
  }

  it('leads from page to page, each row once, rows of the same time too', () => {
    const dbPath = three();
    const lists = {
      sessions: (at: object) => native.listSessionsPage(dbPath, { limit: 2, ...at }),
      messages: (at: object) => native.listMessagesPage(dbPath, '1', { limit: 2, ...at }),
      newest: (at: object) => native.listMessagesPage(dbPath, '1', { limit: 2, order: 'newest', ...at }),
      hits: (at: object) => native.searchTranscripts(dbPath, 'needle', { limit: 2, ...at }),
      newestHits: (at: object) =>
        native.searchTranscripts(dbPath, 'needle', { limit: 2, order: 'newest', ...at }),
    };
    const expected = { sessions: 3, messages: 3, newest: 3, hits: 9, newestHits: 9 };
    for (const [name, list] of Object.entries(lists)) {
      const seen: string[] = [];
      let page = list({});
      for (;;) {
        seen.push(...page.items.map((item) => ('messageId' in item ? item.messageId : item.id)));
        expect(page.hasMore).toBe(page.nextCursor !== undefined);
        if (page.nextCursor === undefined) break;
        page = list({ cursor: page.nextCursor });
      }
      expect([name, seen.length, new Set(seen).size]).toEqual([
        name,
        expected[name as keyof typeof expected],
        expected[name as keyof typeof expected],
      ]);
    }
  });

  it('that no list made is INVALID_CURSOR, and so is that of another list', () => {
    const dbPath = three();
    const { nextCursor } = native.listSessionsPage(dbPath, { limit: 1 });
    for (const cursor of ['', 'x', '🦦', 'AAAA', '\0', 'a'.repeat(100_000), nextCursor as string]) {
      for (const page of [
        () => native.listMessagesPage(dbPath, '1', { cursor }),
        () => native.searchTranscripts(dbPath, 'needle', { cursor }),
      ]) {
        expect(thrownBy(page), cursor.slice(0, 20)).toMatchObject(errorOf('INVALID_CURSOR'));
      }
    }
    expect(thrownBy(() => native.listSessionsPage(dbPath, { cursor: `${nextCursor}x` }))).toMatchObject(
      errorOf('INVALID_CURSOR'),
    );
  });
});

describe('a text', () => {
  it('may be long, hold NUL or lone halves of a pair, and comes back', () => {
    const { dbPath } = place;
    native.upsertSession(dbPath, { id: 's' });
    const texts = {
      long: 'é'.repeat(5_000_000),
      nul: 'before\0after',
      lone: 'a\ud800b\udc00',
      pair: '🦦',
      empty: '',
      quote: `'; DROP TABLE messages; --`,
    };
    const base = { messageType: 'user', timestamp: '2026-01-01T00:00:00Z', lineNumber: 0 };
    native.insertMessagesBatch(
      dbPath,
      's',
      Object.entries(texts).map(([id, content]) => ({ ...base, id, content, rawJson: content })),
    );
    for (const [id, content] of Object.entries(texts)) {
      // UTF-8 has no halves of a pair: each becomes the replacement character, as in every file that Node writes.
      const stored = Buffer.from(content).toString();
      expect(native.getMessage(dbPath, id)).toMatchObject({ content: stored, rawJson: stored });
    }
    expect(native.getMessage(dbPath, 'lone')?.content).toBe('a\ufffdb\ufffd');
    expect(native.searchMessages(dbPath, 'after').map(({ id }) => id)).toEqual(['nul']);
    for (const id of ['\0', '\ud800', `'`, '%', '']) {
      expect(native.getMessage(dbPath, id)).toBeNull();
      expect(native.getSession(dbPath, id)).toBeNull();
    }
  });
});

describe('a query', () => {
  it.each([
    '',
    ' ',
    '"',
    '""',
    '(',
    '*',
    '-',
    '???',
    '... !!! ;;;',
    '"" ()',
    'OR',
    'content:',
    '\0',
    '🦦'.repeat(9),
  ])('of %j finds nothing and is no error', async (query) => {
    const { dbPath } = place;
    native.upsertSession(dbPath, { id: 's' });
    const message = { id: 'm', messageType: 'user', timestamp: '2026-01-01T00:00:00Z', lineNumber: 0 };
    native.insertMessagesBatch(dbPath, 's', [{ ...message, content: 'a plain word' }]);
    expect(native.searchMessages(dbPath, query)).toEqual([]);
    const nothing = { items: [], hasMore: false };
    expect(native.searchTranscripts(dbPath, query)).toStrictEqual(nothing);
    expect(await native.searchTranscriptsAsync(dbPath, query)).toStrictEqual(nothing);
  });

  it('may be very long', () => {
    const { dbPath } = place;
    native.dbInit(dbPath);
    expect(native.searchMessages(dbPath, 'word '.repeat(20_000))).toEqual([]);
    expect(native.searchMessages(dbPath, '('.repeat(100_000))).toEqual([]);
    expect(native.searchMessages(dbPath, 'w'.repeat(1_000_000))).toEqual([]);
  });
});
