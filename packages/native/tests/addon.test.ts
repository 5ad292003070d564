import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import native, * as named from '../index.js';
import { root, run } from './processes';

const addon: Record<string, (...args: unknown[]) => unknown> = native as never;
const typings = readFileSync(join(root, 'packages/native/index.d.ts'), 'utf8');
const functions = ts
  .createSourceFile('index.d.ts', typings, ts.ScriptTarget.Latest, true)
  .statements.filter(ts.isFunctionDeclaration)
  .map((declaration) => ({
    name: declaration.name?.text ?? '',
    parameters: declaration.parameters.length,
    isAsync: declaration.type?.getText().startsWith('Promise<') === true,
    documented: ts.getJSDocCommentsAndTags(declaration).length > 0,
  }));

describe('the exports', () => {
  it('are the functions of the typings, each with a comment', () => {
    expect(Object.keys(native).sort()).toEqual(functions.map(({ name }) => name).sort());
    expect(functions.filter(({ documented }) => !documented)).toEqual([]);
  });

  it('are the same by require, by default import and by name', () => {
    const required = createRequire(import.meta.url)('../index.js') as Record<string, unknown>;
    expect(Object.keys(required)).toEqual(Object.keys(native));
    const byName: Record<string, unknown> = { ...named };
    expect(byName['default']).toBe(native);
    expect(byName).toMatchObject(addon);
  });

  it('are found by Node in an ES module without a bundler', async () => {
    const list = functions.map(({ name }) => name).join(', ');
    const code = `
      import native, { ${list} } from ${JSON.stringify(new URL('../index.js', import.meta.url).href)};
      const named = { ${list} };
      console.log(Object.keys(native).every((name) => native[name] === named[name]), getNativeInfo().version);`;
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '--eval', code]);
    expect({ stdout, stderr }).toEqual({ stdout: `true ${named.getNativeInfo().version}\n`, stderr: '' });
  });

  it('work in a worker thread', async () => {
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      const native = require(workerData);
      parentPort.postMessage([native.getNativeInfo().version, native.createJobId()]);`;
    const worker = new Worker(code, { eval: true, workerData: join(root, 'packages/native/index.js') });
    const [version, id] = await new Promise<[string, number]>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    expect(version).toBe(named.getNativeInfo().version);
    expect(named.createJobId(), 'ids are those of the process').toBeGreaterThan(id);
  });
});

describe('an argument of the wrong type', () => {
  const taking = functions.filter(({ parameters }) => parameters > 0);

  it.each(taking.filter(({ isAsync }) => !isAsync))('makes $name throw INVALID_ARGUMENT', ({ name }) => {
    let thrown: unknown;
    try {
      addon[name]?.(Symbol('no argument'));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Error);
    expect(thrown).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(new RegExp(`^\\[INVALID_ARGUMENT\\] call ${name}\\(.+\\): .+`)),
      cause: expect.any(Error),
    });
  });

  it('makes asynchronous functions reject with INVALID_ARGUMENT', async () => {
    for (const { name } of taking.filter(({ isAsync }) => isAsync)) {
      await expect(addon[name]?.(Symbol('no argument')), name).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    }
  });
});

describe('getNativeInfo', () => {
  it('says what is loaded', () => {
    const { hostTarget } = createRequire(import.meta.url)('../loader.js') as { hostTarget: () => string };
    const info = named.getNativeInfo();
    expect(info.target).toBe(hostTarget());
    expect(info.threads).toBeGreaterThanOrEqual(1);
    expect(info.threads).toBeLessThanOrEqual(8);
  });
});

describe('listErrorCodes', () => {
  it('has a cause and a remedy for every code, those of the loader among them', () => {
    const codes = named.listErrorCodes();
    const loader = readFileSync(join(root, 'packages/native/loader.js'), 'utf8');
    for (const [code] of loader.matchAll(/\bADDON_[A-Z_]+/g)) {
      expect(codes.map((entry) => entry.code)).toContain(code);
    }
    for (const { code, cause, remedy } of codes) {
      expect(code).toMatch(/^[A-Z][A-Z0-9_]+$/);
      expect([cause, remedy]).toEqual([expect.stringMatching(/\.$/), expect.stringMatching(/\.$/)]);
    }
  });
});
