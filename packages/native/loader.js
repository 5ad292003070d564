// Finds and loads the addon. In this order, and the first one found is the one that is used:
//   1. the file that HAN_NATIVE_PATH names; when it is set, nothing else is tried
//   2. the package of this platform, @han/native-<target>
//   3. in a clone of the repository, the file that scripts/build-addon.mjs made
// A failure names every place that was tried and why it was of no use.
//
// Few files and literal requests only: each file costs a third of a millisecond at start, and programs compiled by Bun
// embed what a literal request finds and read no package.json.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { targets, version } = require('./generated/targets.js');

/** Enough of an ELF file to hold the path of its dynamic linker. */
const ELF_HEAD_BYTES = 4096;

/** Remedies, in the words of docs/errors.md; the addon, which holds that list, is what is missing here. */
const remedies = {
  ADDON_NOT_FOUND: 'Install optional dependencies too, or set HAN_NATIVE_PATH to the addon file.',
  ADDON_LOAD_FAILED: 'In a compiled Bun program set BUN_TMPDIR to a writable folder.',
  ADDON_VERSION_MISMATCH: 'Install all @han packages in the same version.',
};

/**
 * @returns {object} the exports of the addon
 * @throws {Error} with code ADDON_NOT_FOUND, ADDON_LOAD_FAILED or ADDON_VERSION_MISMATCH, and the failures as cause
 */
function load() {
  const override = process.env.HAN_NATIVE_PATH;
  if (override) return loadFile(override);

  const target = hostTarget();
  const attempt = `load the addon for ${target}`;
  if (!Object.hasOwn(targets, target)) {
    const known = Object.keys(targets).join(', ');
    throw loaderError(
      'ADDON_NOT_FOUND',
      `${attempt}: there is none for this platform, only for ${known}`,
      [],
    );
  }
  const { requests, load: loadTarget } = targets[target];
  const failures = [];
  const addon = loadTarget((request, error) => {
    failures.push({ place: request, error });
    if (!isAbsent(error, request)) throw loaderError('ADDON_LOAD_FAILED', attempt, failures);
  });
  if (addon === undefined) throw loaderError('ADDON_NOT_FOUND', attempt, failures);
  return ofOurVersion(addon, requests[failures.length]);
}

/**
 * The target of this process in npm's words: `linux-x64-gnu`, `darwin-arm64`, `win32-x64-msvc`. Made from
 * `process.platform` and `process.arch`, so it may also name a target that we do not build for.
 */
function hostTarget() {
  const { platform, arch } = process;
  if (platform === 'win32') return `win32-${arch}-msvc`;
  if (platform === 'linux') return `linux-${arch}-${isMusl() ? 'musl' : 'gnu'}`;
  return `${platform}-${arch}`;
}

/**
 * Whether the C library of this process is musl. The dynamic linker that the running program names decides, not what
 * else is installed; a program that names none is asked for its report, which takes a few milliseconds.
 */
function isMusl() {
  const head = programHead();
  if (head.includes('/ld-musl-')) return true;
  if (head.includes('/ld-linux')) return false;
  const report = process.report?.getReport();
  if (report?.header?.glibcVersionRuntime) return false;
  return (report?.sharedObjects ?? []).some(
    (file) => file.includes('ld-musl-') || file.includes('libc.musl-'),
  );
}

/** The head of the running program, or nothing where the system does not show it. */
function programHead() {
  let file;
  try {
    file = fs.openSync('/proc/self/exe', 'r');
    const head = Buffer.alloc(ELF_HEAD_BYTES);
    return head.latin1Slice(0, fs.readSync(file, head, 0, ELF_HEAD_BYTES, 0));
  } catch {
    // No /proc, or no right to it: the report knows as well.
    return '';
  } finally {
    if (file !== undefined) fs.closeSync(file);
  }
}

/** Loads the file that the user named, whatever its extension. */
function loadFile(name) {
  const file = path.resolve(name);
  const attempt = `load the addon that HAN_NATIVE_PATH = ${name} names`;
  if (!fs.existsSync(file)) {
    throw loaderError('ADDON_NOT_FOUND', attempt, [{ place: file, error: new Error('no such file') }]);
  }
  const holder = { exports: {} };
  try {
    process.dlopen(holder, file);
  } catch (error) {
    throw loaderError('ADDON_LOAD_FAILED', attempt, [{ place: file, error }]);
  }
  return ofOurVersion(holder.exports, file);
}

/**
 * True only where exactly this request found no file; a module that is missing further down is a failure. What Bun did
 * not find when it bundled a program fails without a code.
 */
function isAbsent(error, request) {
  const message = String(error?.message);
  return (
    (error?.code === 'MODULE_NOT_FOUND' && message.startsWith(`Cannot find module '${request}'`)) ||
    message === `Cannot require module ${request}`
  );
}

function ofOurVersion(addon, place) {
  if (addon.addonVersion === version) return addon;
  const found = addon.addonVersion ?? 'unknown';
  throw loaderError(
    'ADDON_VERSION_MISMATCH',
    `use ${place}: it has version ${found}, @han/native has ${version}`,
    [],
  );
}

function loaderError(code, attempt, failures) {
  // Node lists the files that required the missing one behind the first line.
  const why = failures.map(
    ({ place, error }) => `${place}: ${String(error?.message ?? error).split('\n', 1)[0]}`,
  );
  const errors = failures.map(({ error }) => error);
  const cause = errors.length > 1 ? new AggregateError(errors, 'every place that was tried') : errors[0];
  const message = `[${code}] ${[attempt, why.join('; ')].filter(Boolean).join(': ')}. ${remedies[code]}`;
  return Object.assign(new Error(message, { cause }), { code });
}

/** What Node-API answers to an argument of another type than a function takes. */
const argumentStatus = /^(InvalidArg|[A-Z]\w+Expected)$/;

/**
 * The error to throw for what the addon threw: its own errors as they are, and those of the argument conversion, which
 * know nothing of our codes, as INVALID_ARGUMENT.
 *
 * @param {string} call the function with the names of its parameters: `getMessage(dbPath, messageId)`
 * @param {unknown} error
 */
function thrown(call, error) {
  if (!argumentStatus.test(error?.code)) return error;
  const message = `[INVALID_ARGUMENT] call ${call}: ${error.message}`;
  return Object.assign(new Error(message, { cause: error }), { code: 'INVALID_ARGUMENT' });
}

/** Fields of records that are whole numbers, and the least of each; the greatest is 2^53 - 1. */
const wholeNumbers = new Map([
  ...[
    'cacheCreationTokens',
    'cacheReadTokens',
    'completedHooks',
    'deferredHooks',
    'durationMs',
    'durationSeconds',
    'failedHooks',
    'filesChanged',
    'inputTokens',
    'lineNumber',
    'linesAdded',
    'linesRemoved',
    'messageCount',
    'outputTokens',
    'pid',
    'testsAdded',
    'totalHooks',
  ].map((field) => [field, 0]),
  ['exitCode', Number.MIN_SAFE_INTEGER],
]);

/**
 * Refuses a number that Node-API would bend to fit a whole one: not a number becomes 0 there, and a fraction is cut off.
 * Values of another type are left to Node-API, which refuses them.
 *
 * @param {string} field
 * @param {unknown} value
 */
function checkNumber(field, value) {
  if (typeof value !== 'number') return;
  const least = wholeNumbers.get(field);
  if (least === undefined || (Number.isSafeInteger(value) && value >= least)) return;
  const message = `take ${field} = ${value}: it is a whole number from ${least} to ${Number.MAX_SAFE_INTEGER}`;
  throw Object.assign(new RangeError(message), { code: 'InvalidArg' });
}

/**
 * What a function is given for a record, or for each record of a list: without its fields that are null, since a caller
 * may write null for "not given", which Node-API knows only as an absent field or `undefined`; and with whole numbers
 * where it takes them. What the caller gave is not changed.
 *
 * @param {unknown} input
 */
function withoutNulls(input) {
  if (Array.isArray(input)) return input.map(withoutNulls);
  if (input === null || typeof input !== 'object') return input;
  const nulls = [];
  for (const field in input) {
    const value = input[field];
    if (value === null) nulls.push(field);
    else checkNumber(field, value);
  }
  const isPlain = Object.getPrototypeOf(input) === Object.prototype;
  // What a class brings along is not among the fields above.
  if (!isPlain) for (const field of wholeNumbers.keys()) checkNumber(field, input[field]);
  if (nulls.length === 0) return input;
  if (isPlain) {
    const copy = { ...input };
    for (const field of nulls) copy[field] = undefined;
    return copy;
  }
  // What the class of the record brings along stays reachable.
  const nothing = nulls.map((field) => [field, { value: undefined }]);
  return Object.create(input, Object.fromEntries(nothing));
}

module.exports = { hostTarget, load, thrown, withoutNulls };
