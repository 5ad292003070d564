// A folder whose files are all written by a program.
import fs from 'node:fs';
import path from 'node:path';
import { filesBelow } from './fingerprint.mjs';
import { CommandError, root } from './process.mjs';

/**
 * Writes a folder anew: exactly these files, nothing else.
 *
 * @param {string} folder the folder; what stood in it is removed
 * @param {Map<string, Buffer>} files contents by path below the folder
 */
export function writeTree(folder, files) {
  fs.rmSync(folder, { recursive: true, force: true });
  let bytes = 0;
  for (const [name, content] of files) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    bytes += content.length;
  }
  console.log(`wrote ${files.size} files, ${bytes} bytes, to ${path.relative(root, folder)}`);
}

/**
 * Compares a folder with what would be written.
 *
 * @throws {CommandError} that names each file that is missing, different or too many, and the command that mends it
 */
export function checkTree(folder, files, command) {
  const wrong = [];
  for (const [name, content] of files) {
    const file = path.join(folder, name);
    if (!fs.existsSync(file)) wrong.push(`${name} is missing`);
    else if (!fs.readFileSync(file).equals(content)) wrong.push(`${name} is out of date`);
  }
  for (const file of filesBelow(folder)) {
    const name = path.relative(folder, file).replaceAll(path.sep, '/');
    if (!files.has(name)) wrong.push(`${name} does not belong here`);
  }
  if (wrong.length > 0) {
    throw new CommandError(`${path.relative(root, folder)}: ${wrong.join(', ')}; run \`${command}\``);
  }
}
