// Whole numbers in the records that functions take: Node-API alone would make 0 of what is no number, and cut fractions
// off.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import * as native from '../index.js';
import { errorOf, newPlace, thrownBy } from './contract/transcripts';
import { root } from './processes';

const message = { id: 'm', messageType: 'user', timestamp: '2026-01-01T00:00:00Z', lineNumber: 0 };

/** Fields of input records that hold any number, or are checked where they are used. */
const others = new Set([
  'batchSize',
  'confidence',
  'fileMtime',
  'fileSize',
  'frustrationScore',
  'jobId',
  'limit',
  'maxBytes',
  'maxLines',
  'offset',
  'score',
  'sentimentScore',
]);

/** A database with the session `s`. */
function database(): string {
  const { dbPath } = newPlace();
  native.upsertSession(dbPath, { id: 's' });
  return dbPath;
}

describe('a whole number', () => {
  const bad = [Number.NaN, 0.5, -1, 2 ** 53, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

  it.each(bad)('is not %s', (number) => {
    const db = database();
    const fields = ['lineNumber', 'inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheCreationTokens'];
    for (const field of [...fields, 'linesAdded', 'linesRemoved', 'filesChanged']) {
      const insert = () => native.insertMessagesBatch(db, 's', [message, { ...message, [field]: number }]);
      expect(thrownBy(insert)).toMatchObject(errorOf('INVALID_ARGUMENT', `${field} = ${number}: `));
    }
    expect(native.listSessionMessages(db, 's')).toEqual([]);
  });

  it('is refused by the twin as well, and where a class brings it along', async () => {
    const db = database();
    const rejected = native.insertMessagesBatchAsync(db, 's', [{ ...message, lineNumber: Number.NaN }]);
    await expect(rejected).rejects.toMatchObject(errorOf('INVALID_ARGUMENT', 'lineNumber = NaN'));
    class Given {
      id = 'm';
      messageType = 'user';
      timestamp = message.timestamp;
      get lineNumber() {
        return 0.5;
      }
    }
    const insert = () => native.insertMessagesBatch(db, 's', [new Given()]);
    expect(thrownBy(insert)).toMatchObject(errorOf('INVALID_ARGUMENT', 'lineNumber = 0.5'));
  });

  it('is taken up to 2^53 - 1, and below 0 where that has a meaning', () => {
    const db = database();
    const lineNumber = Number.MAX_SAFE_INTEGER;
    expect(native.insertMessagesBatch(db, 's', [{ ...message, lineNumber }])).toBe(1);
    expect(native.getMessage(db, 'm')).toMatchObject({ lineNumber });
    expect(native.listSessionMessages(db, 's')).toMatchObject([{ lineNumber }]);
    const run = { hookType: 'Stop', hookName: 'h', durationMs: 0, passed: false };
    expect(native.recordHookExecution(db, { ...run, exitCode: -1 })).toMatchObject({ exitCode: -1 });
    const half = () => native.recordHookExecution(db, { ...run, exitCode: 0.5 });
    expect(thrownBy(half)).toMatchObject(errorOf('INVALID_ARGUMENT', 'exitCode = 0.5'));
  });

  it('is checked in every record that functions take', () => {
    const text = readFileSync(join(root, 'packages/native/index.d.ts'), 'utf8');
    const source = ts.createSourceFile('index.d.ts', text, ts.ScriptTarget.Latest, true);
    const taken = source.statements
      .filter(ts.isFunctionDeclaration)
      .flatMap(({ parameters }) => parameters.map(({ type }) => type?.getText() ?? ''))
      .join(' ');
    const records = source.statements
      .filter(ts.isInterfaceDeclaration)
      .filter(({ name }) => new RegExp(`\\b${name.text}\\b`).test(taken));
    const numbers = records.flatMap(({ members }) =>
      members
        .filter(ts.isPropertySignature)
        .filter(({ type }) => type?.getText() === 'number')
        .map(({ name }) => name.getText()),
    );
    const loader = readFileSync(join(root, 'packages/native/loader.js'), 'utf8');
    const unchecked = numbers.filter((name) => !others.has(name) && !loader.includes(`'${name}'`));
    expect([...new Set(unchecked)]).toEqual([]);
    expect(numbers).toContain('lineNumber');
  });
});
