// An existing caller works after it changed the name of the module: every function that it may call has the name, the
// parameters and the result that it knows, and every record the fields.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import * as native from '../../index.js';
import { root } from '../processes';

const here = join(root, 'packages/native/tests/contract');

/** Functions of the list that are still to be built. This list may only become shorter. */
const notYetBuilt = `
  addWatchPath cleanupStaleCoordinatorLock clearIndexCallback embeddingEnsureAvailable embeddingIsAvailable
  generateEmbedding generateEmbeddings getCoordinatorStatus
  getDefaultWatchPath getEmbeddingDimension getHeartbeatInterval getStaleLockTimeout getWatchedPaths handleFileEvent
  isCoordinator isWatcherRunning pollIndexResults releaseCoordinatorLock removeWatchPath setIndexCallback
  startFileWatcher stopFileWatcher tryAcquireCoordinatorLock updateCoordinatorHeartbeat
`
  .trim()
  .split(/\s+/);

/** Records of the list that are still to be built. This list may only become shorter. */
const recordsNotYetBuilt = ['MessageBatch'];

/** What our records tell beyond the list, always. */
const more: Record<string, string[]> = {
  IndexResult: ['brokenLines: number', 'bytesRead: number', 'filePath: string'],
  FilterResult: ["status: 'complete' | 'partial'"],
};

/**
 * Fields that callers need not give to us, though they had to give them there: that the id of the session stands in
 * each of its messages too.
 */
const optionalHere = new Set(['MessageInput.sessionId']);

const parse = (name: string, text: string) => ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
const typings = parse('index.d.ts', readFileSync(join(root, 'packages/native/index.d.ts'), 'utf8'));

const linesOf = (name: string) =>
  readFileSync(join(here, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

/** What the names of types stand for, of those that are no records. */
const aliases = new Map(
  typings.statements
    .filter(ts.isTypeAliasDeclaration)
    .map(({ name, type }) => [name.text, type.getText().replace(/^\((.*)\)$/s, '$1')]),
);

/** A type in one spelling, whichever way it was written. */
function spelled(written: string): string {
  const type = aliases.get(written) ?? written;
  const oneLine = type.replace(/\s+/g, ' ').replaceAll(' | undefined | null', ' | nothing').trim();
  const array = /^Array<(.*)>$/.exec(oneLine);
  if (array?.[1] !== undefined) return `${spelled(array[1])}[]`;
  return oneLine.replace(/\bArray<(\w+)>/g, '$1[]').replace(/=> unknown$/, '=> any');
}

/** The signature of a function: names, order, optionality and types of its parameters, and what it returns. */
function signatureOf({ name, parameters, type }: ts.FunctionDeclaration): string {
  const list = parameters.map((parameter) => {
    const optional = parameter.questionToken !== undefined;
    const written = spelled(parameter.type?.getText() ?? 'any');
    // Everything that is optional takes undefined and null too.
    return `${parameter.name.getText()}${optional ? '?' : ''}: ${optional ? written.replace(' | nothing', '') : written}`;
  });
  return `${name?.text}(${list.join(', ')}): ${spelled(type?.getText() ?? 'any')}`;
}

const exported = new Map(Object.entries(native).map(([name, value]) => [name, typeof value]));

const functionsIn = (source: ts.SourceFile) =>
  new Map(source.statements.filter(ts.isFunctionDeclaration).map((one) => [`${one.name?.text}`, one]));

const ours = functionsIn(typings);
const expected = functionsIn(
  parse(
    'signatures.d.ts',
    linesOf('signatures.txt')
      .map((line) => `declare function ${line};`)
      .join('\n'),
  ),
);

describe('the functions', () => {
  it('of the list are 158, each once', () => {
    expect(linesOf('signatures.txt')).toHaveLength(158);
    expect(expected.size).toBe(158);
  });

  it('that are not there are those that are still to be built', () => {
    expect([...expected.keys()].filter((name) => !ours.has(name)).sort()).toEqual([...notYetBuilt].sort());
  });

  it.each([...expected].filter(([name]) => ours.has(name)))(
    '%s has the signature that callers know',
    (name, one) => {
      const built = ours.get(name);
      expect(built && signatureOf(built)).toBe(signatureOf(one));
      expect(exported.get(name)).toBe('function');
      for (const parameter of built?.parameters ?? []) {
        if (parameter.questionToken) expect(parameter.type?.getText()).toMatch(/ \| undefined \| null$/);
      }
    },
  );
});

/** A field as `name: type`, with a `?` behind the name of one that may be absent. */
interface Fields {
  required: string[];
  optional: string[];
}

/** The fields that the typings give a record; `undefined` when there is no such record. */
function fieldsOf(record: string): Fields | undefined {
  const found = typings.statements
    .filter(ts.isInterfaceDeclaration)
    .filter(({ name }) => name.text === record);
  if (found.length === 0) return undefined;
  const fields: Fields = { required: [], optional: [] };
  for (const member of found.flatMap(({ members }) => [...members]).filter(ts.isPropertySignature)) {
    const type = spelled(member.type?.getText() ?? 'any').replace(' | nothing', '');
    fields[member.questionToken ? 'optional' : 'required'].push(`${member.name.getText()}: ${type}`);
  }
  return fields;
}

const records = linesOf('records.txt').map((line) => {
  const [record = '', list = ''] = line.split(/: (.*)/);
  const fields: Fields = { required: [], optional: [] };
  for (const field of list.split(' ')) {
    const [, name = '', mark, type = 'string'] = /^(\w+)(\??)(?::(.+))?$/.exec(field) ?? [];
    const optional = mark === '?' || optionalHere.has(`${record}.${name}`);
    fields[optional ? 'optional' : 'required'].push(`${name}: ${type}`);
  }
  return { record, fields };
});

describe('the records', () => {
  it('that are not there are those that are still to be built', () => {
    const missing = records
      .filter(({ record }) => fieldsOf(record) === undefined)
      .map(({ record }) => record);
    expect(missing).toEqual(recordsNotYetBuilt);
  });

  it.each(records.filter(({ record }) => !recordsNotYetBuilt.includes(record)))(
    '$record has the fields that callers know, and more optional ones at most',
    ({ record, fields }) => {
      const built = fieldsOf(record);
      expect(built?.required.sort()).toEqual([...fields.required, ...(more[record] ?? [])].sort());
      expect(built?.optional).toEqual(expect.arrayContaining(fields.optional));
    },
  );
});

it('names no type that is not declared', () => {
  const options = {
    noEmit: true,
    strict: true,
    skipLibCheck: false,
    types: ['node'],
    module: ts.ModuleKind.NodeNext,
    lib: ['lib.es2022.d.ts'],
    target: ts.ScriptTarget.ES2022,
  };
  const program = ts.createProgram([join(root, 'packages/native/index.d.ts')], options);
  const problems = ts.getPreEmitDiagnostics(program);
  expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))).toEqual([]);
});

it('exports no value but functions', () => {
  const values = Object.entries(native).filter(
    ([name, value]) => name !== 'default' && typeof value !== 'function',
  );
  // `FileEventType` comes with the functions that take it.
  expect(values.map(([name]) => name)).toEqual(
    notYetBuilt.includes('handleFileEvent') ? [] : ['FileEventType'],
  );
});
