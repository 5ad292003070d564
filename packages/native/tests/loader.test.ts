import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { root, run, temporaryFolder } from './processes';

interface Target {
  os: string;
  cpu: string;
  libc?: 'glibc' | 'musl';
}

const targets: Record<string, Target> = {
  'darwin-arm64': { os: 'darwin', cpu: 'arm64' },
  'darwin-x64': { os: 'darwin', cpu: 'x64' },
  'linux-arm64-gnu': { os: 'linux', cpu: 'arm64', libc: 'glibc' },
  'linux-arm64-musl': { os: 'linux', cpu: 'arm64', libc: 'musl' },
  'linux-x64-gnu': { os: 'linux', cpu: 'x64', libc: 'glibc' },
  'linux-x64-musl': { os: 'linux', cpu: 'x64', libc: 'musl' },
  'win32-arm64-msvc': { os: 'win32', cpu: 'arm64' },
  'win32-x64-msvc': { os: 'win32', cpu: 'x64' },
};
const linkers = { glibc: '/lib64/ld-linux-x86-64.so.2', musl: '/lib/ld-musl-x86_64.so.1', static: '' };
const names = Object.keys(targets);

/** The addon of this machine; the layouts below give it the name of any target. */
let addon: string;
let version: string;

beforeAll(() => {
  const require = createRequire(import.meta.url);
  const { hostTarget } = require('../loader.js') as { hostTarget: () => string };
  addon = join(root, 'npm', hostTarget(), `han.${hostTarget()}.node`);
  version = (require('../package.json') as { version: string }).version;
});

/** A folder with a copy of this package under `place`, and nothing else. */
function layout(place = 'node_modules/@han/native') {
  const folder = temporaryFolder();
  const copy = join(folder, place);
  mkdirSync(copy, { recursive: true });
  for (const name of ['index.js', 'loader.js', 'package.json', 'generated']) {
    cpSync(join(root, 'packages/native', name), join(copy, name), { recursive: true });
  }
  return { folder, copy };
}

function place(file: string, content: 'addon' | string) {
  mkdirSync(dirname(file), { recursive: true });
  if (content === 'addon') copyFileSync(addon, file);
  else writeFileSync(file, content);
}

function installTarget(folder: string, target: string, content: 'addon' | string = 'addon') {
  place(join(folder, `node_modules/@han/native-${target}/han.${target}.node`), content);
}

interface Host {
  os: string;
  cpu: string;
  /** What the running program names as its dynamic linker. */
  linker?: keyof typeof linkers;
  /** What `process.report` says. */
  report?: object;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
}

interface Outcome {
  version?: string;
  loaded?: string[];
  code?: string;
  message?: string;
  causes?: string[];
}

/** Loads the package of a layout in a process that believes to run on `host`. */
async function load(copy: string, host: Host): Promise<Outcome> {
  const folder = temporaryFolder();
  const head = join(folder, 'head');
  writeFileSync(head, `\x7fELF\0\0${linkers[host.linker ?? 'glibc']}\0`);
  const script = join(folder, 'load.cjs');
  writeFileSync(
    script,
    `
const fs = require('node:fs');
const { openSync } = fs;
fs.openSync = (file, ...rest) => openSync(file === '/proc/self/exe' ? ${JSON.stringify(head)} : file, ...rest);
Object.defineProperty(process, 'platform', { value: ${JSON.stringify(host.os)} });
Object.defineProperty(process, 'arch', { value: ${JSON.stringify(host.cpu)} });
process.report.getReport = () => (${JSON.stringify(host.report ?? {})});
let outcome;
try {
  const { version } = require(${JSON.stringify(copy)}).getNativeInfo();
  outcome = { version, loaded: Object.keys(require.cache).filter((file) => file.endsWith('.node')) };
} catch (error) {
  const { code, message, cause } = error;
  outcome = { code, message, causes: (cause?.errors ?? [cause]).filter(Boolean).map((one) => one.code ?? one.message) };
}
process.stdout.write(JSON.stringify(outcome));
`,
  );
  const options = { ...(host.env && { env: host.env }), ...(host.cwd && { cwd: host.cwd }) };
  const { stdout, stderr, code } = await run(process.execPath, [script], options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Outcome;
}

const linux: Host = { os: 'linux', cpu: 'x64' };

describe('the platform package', () => {
  it.each(names)('of %s is loaded there, though the others are installed too', async (name) => {
    const { folder, copy } = layout();
    for (const target of names) installTarget(folder, target, target === name ? 'addon' : 'not an addon');
    const { os, cpu, libc } = targets[name] as Target;
    const outcome = await load(copy, { os, cpu, ...(libc && { linker: libc }) });
    expect(outcome.version).toBe(version);
    expect(outcome.loaded).toEqual([expect.stringContaining(`han.${name}.node`)]);
  });

  it('comes before the local build', async () => {
    const { folder, copy } = layout('packages/native');
    place(join(copy, 'node_modules/@han/native-linux-x64-gnu/han.linux-x64-gnu.node'), 'addon');
    place(join(folder, 'npm/linux-x64-gnu/han.linux-x64-gnu.node'), 'not an addon');
    expect((await load(copy, linux)).loaded).toEqual([expect.stringContaining('native-linux-x64-gnu')]);
  });

  it('may be missing in a clone, where the local build is loaded', async () => {
    const { folder, copy } = layout('packages/native');
    const local = join(folder, 'npm/linux-x64-gnu/han.linux-x64-gnu.node');
    place(local, 'addon');
    expect((await load(copy, linux)).loaded).toEqual([expect.stringContaining(join('npm', 'linux-x64-gnu'))]);
  });

  it('that is missing is ADDON_NOT_FOUND, with every place that was tried', async () => {
    const { copy } = layout();
    const { code, message, causes } = await load(copy, linux);
    expect(code).toBe('ADDON_NOT_FOUND');
    expect(message).toMatch(/^\[ADDON_NOT_FOUND\] load the addon for linux-x64-gnu: /);
    expect(message).toContain('@han/native-linux-x64-gnu/han.linux-x64-gnu.node: Cannot find module');
    expect(message).toContain('npm/linux-x64-gnu/han.linux-x64-gnu.node: Cannot find module');
    expect(message).toContain('HAN_NATIVE_PATH');
    expect(causes).toEqual(['MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);
  });

  it('that cannot be loaded is ADDON_LOAD_FAILED, and nothing is tried behind it', async () => {
    const { folder, copy } = layout('packages/native');
    place(join(copy, 'node_modules/@han/native-linux-x64-gnu/han.linux-x64-gnu.node'), 'not an addon');
    place(join(folder, 'npm/linux-x64-gnu/han.linux-x64-gnu.node'), 'addon');
    const { code, message, causes } = await load(copy, linux);
    expect(code).toBe('ADDON_LOAD_FAILED');
    expect(message).toMatch(
      /^\[ADDON_LOAD_FAILED\] load the addon for linux-x64-gnu: @han\/native-linux-x64-gnu\/han/,
    );
    expect(message).toContain('BUN_TMPDIR');
    expect(causes).toEqual(['ERR_DLOPEN_FAILED']);
  });

  it('that misses a module of its own is not taken for missing', async () => {
    const { folder, copy } = layout();
    const inner = 'node_modules/@han/native-linux-x64-gnu/han.linux-x64-gnu.node/index.js';
    place(join(folder, inner), "require('not-installed');");
    const { code, message } = await load(copy, linux);
    expect(code).toBe('ADDON_LOAD_FAILED');
    expect(message).toContain("Cannot find module 'not-installed'");
  });

  it('of another version is ADDON_VERSION_MISMATCH', async () => {
    const { folder, copy } = layout();
    installTarget(folder, 'linux-x64-gnu');
    const generated = join(copy, 'generated/targets.js');
    const text = readFileSync(generated, 'utf8');
    writeFileSync(generated, text.replace(`version = '${version}'`, "version = '99.1.0'"));
    const { code, message } = await load(copy, linux);
    expect(code).toBe('ADDON_VERSION_MISMATCH');
    expect(message).toContain(`han.linux-x64-gnu.node: it has version ${version}, @han/native has 99.1.0`);
  });

  it('does not exist for every platform: ADDON_NOT_FOUND names those it exists for', async () => {
    const { code, message } = await load(layout().copy, { os: 'freebsd', cpu: 'x64' });
    expect(code).toBe('ADDON_NOT_FOUND');
    expect(message).toContain(
      `load the addon for freebsd-x64: there is none for this platform, only for ${names[0]}`,
    );
    expect((await load(layout().copy, { os: 'linux', cpu: '__proto__' })).code).toBe('ADDON_NOT_FOUND');
  });
});

describe('the C library of Linux', () => {
  it.each([
    ['musl', 'the report knows musl', { sharedObjects: ['linux-vdso.so.1', '/lib/ld-musl-x86_64.so.1'] }],
    ['gnu', 'the report knows glibc', { header: { glibcVersionRuntime: '2.39' }, sharedObjects: [] }],
    ['gnu', 'nothing is known', {}],
  ])('is %s where the program names no linker and %s', async (libc, _, report) => {
    const { folder, copy } = layout();
    installTarget(folder, `linux-x64-${libc}`);
    const { loaded } = await load(copy, { ...linux, linker: 'static', report });
    expect(loaded).toEqual([expect.stringContaining(`han.linux-x64-${libc}.node`)]);
  });

  it('is told by the running program before the report is asked', async () => {
    const { folder, copy } = layout();
    installTarget(folder, 'linux-x64-musl');
    const report = { header: { glibcVersionRuntime: '2.39' } };
    const { loaded } = await load(copy, { ...linux, linker: 'musl', report });
    expect(loaded).toEqual([expect.stringContaining('han.linux-x64-musl.node')]);
  });
});

describe('HAN_NATIVE_PATH', () => {
  it('names the addon to load, under any name, relative to the working directory', async () => {
    const { folder, copy } = layout();
    installTarget(folder, 'linux-x64-gnu', 'not an addon');
    place(join(folder, 'elsewhere/engine.bin'), 'addon');
    const host = { ...linux, cwd: folder, env: { HAN_NATIVE_PATH: 'elsewhere/engine.bin' } };
    expect(await load(copy, host)).toEqual({ version, loaded: [] });
  });

  it('is the only place that is tried', async () => {
    const { folder, copy } = layout();
    installTarget(folder, 'linux-x64-gnu');
    const file = join(folder, 'engine.node');
    const missing = await load(copy, { ...linux, env: { HAN_NATIVE_PATH: file } });
    expect(missing.code).toBe('ADDON_NOT_FOUND');
    expect(missing.message).toContain(
      `load the addon that HAN_NATIVE_PATH = ${file} names: ${file}: no such file`,
    );

    place(file, 'not an addon');
    const broken = await load(copy, { ...linux, env: { HAN_NATIVE_PATH: file } });
    expect(broken).toMatchObject({ code: 'ADDON_LOAD_FAILED', causes: ['ERR_DLOPEN_FAILED'] });
  });

  it('is compared with our version too', async () => {
    const { copy } = layout();
    const file = join(copy, '../engine.node');
    place(file, 'addon');
    const generated = join(copy, 'generated/targets.js');
    writeFileSync(generated, readFileSync(generated, 'utf8').replace(`'${version}'`, "'99.1.0'"));
    expect((await load(copy, { ...linux, env: { HAN_NATIVE_PATH: file } })).code).toBe(
      'ADDON_VERSION_MISMATCH',
    );
  });
});

describe('the packages below npm', () => {
  it('are one per target, and each fits its target and our version', () => {
    const folders = readdirSync(join(root, 'npm')).sort();
    expect(folders).toEqual(names);
    for (const name of folders) {
      const { os, cpu, libc } = targets[name] as Target;
      const manifest = JSON.parse(readFileSync(join(root, 'npm', name, 'package.json'), 'utf8'));
      expect(manifest).toMatchObject({
        name: `@han/native-${name}`,
        version,
        os: [os],
        cpu: [cpu],
        main: './index.js',
        files: ['index.js', `han.${name}.node`],
      });
      expect(manifest.libc).toEqual(libc && [libc]);
      expect(readFileSync(join(root, 'npm', name, 'index.js'), 'utf8')).toContain(
        `require('./han.${name}.node')`,
      );
    }
  });

  it('are the optional dependencies of @han/native', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'packages/native/package.json'), 'utf8'));
    expect(Object.keys(manifest.optionalDependencies).sort()).toEqual(
      names.map((name) => `@han/native-${name}`),
    );
  });

  it('have the version of the crates', () => {
    const cargo = readFileSync(join(root, 'Cargo.toml'), 'utf8');
    expect(/^version = "(.+)"$/m.exec(cargo)?.[1]).toBe(version);
  });
});
