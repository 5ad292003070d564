// What the package promises, in one file that a review sees: every function with its types, every record with its
// fields. A change of it is a change of the contract: `npx vitest run --project contract -u` writes the list anew.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import native from '../../index.js';
import { root } from '../processes';

const source = ts.createSourceFile(
  'index.d.ts',
  readFileSync(join(root, 'packages/native/index.d.ts'), 'utf8'),
  ts.ScriptTarget.Latest,
  true,
);

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

function functions(): string[] {
  return source.statements.filter(ts.isFunctionDeclaration).map(({ name, parameters, type }) => {
    const list = parameters.map((parameter) => oneLine(parameter.getText())).join(', ');
    return `${name?.text}(${list}): ${oneLine(type?.getText() ?? 'any')}`;
  });
}

function records(): string[] {
  return source.statements.filter(ts.isInterfaceDeclaration).map(({ name, members }) => {
    const fields = members.map((member) => `  ${oneLine(member.getText())}\n`).join('');
    return `${name.text}\n${fields}`;
  });
}

function aliases(): string[] {
  return source.statements
    .filter(ts.isTypeAliasDeclaration)
    .map(({ name, type }) => `${name.text} = ${oneLine(type.getText())}\n`);
}

it('exports these functions and records', async () => {
  const types = [...records(), ...aliases()].sort();
  const text = `${functions().sort().join('\n')}\n\n${types.join('\n')}`;
  await expect(text).toMatchFileSnapshot('./exports.snap');
});

it('exports every function of the first slice', () => {
  const needed = `dbInit needsReindex clearReindexFlag upsertRepo getRepoByRemote listRepos upsertProject
    getProjectBySlug getProjectByPath listProjects upsertSession endSession getSession listSessions
    insertMessagesBatch getMessage listSessionMessages getMessageCount getMessageCountsBatch
    getSessionTimestampsBatch getLastIndexedLine searchMessages indexSessionFile indexProjectDirectory
    fullScanAndIndex listSessionFiles listJsonlFiles indexSessionFileAsync indexProjectDirectoryAsync
    fullScanAndIndexAsync createJobId cancelJob`;
  expect(Object.keys(native)).toEqual(expect.arrayContaining(needed.split(/\s+/)));
});

it('exports every function for JSONL files', () => {
  const needed = `jsonlCountLines jsonlStats jsonlReadPage jsonlReadReverse jsonlBuildIndex jsonlSaveIndex
    jsonlLoadIndex jsonlReadIndexed jsonlStream jsonlFilter jsonlFilterTimeRange jsonlCountLinesAsync
    jsonlStatsAsync jsonlReadPageAsync jsonlReadReverseAsync jsonlReadTail jsonlBuildIndexAsync
    jsonlLoadIndexAsync jsonlUpdateIndex jsonlUpdateIndexAsync jsonlReadIndexedAsync jsonlReadLines
    jsonlReadLinesAsync jsonlFilterAsync jsonlFilterTimeRangeAsync jsonlOpenReader jsonlOpenStdin
    jsonlNextBatch jsonlCountRest jsonlCloseReader`;
  const found = Object.keys(native).filter((name) => name.startsWith('jsonl'));
  expect(found.sort()).toEqual(needed.split(/\s+/).sort());
});
