#!/usr/bin/env node
// Builds the addon (release) and the TypeScript packages. What has not changed since the last build is left alone.
import fs from 'node:fs';
import path from 'node:path';
import { fingerprint, isStamped, writeStamp } from './fingerprint.mjs';
import { isStarted, root, runScript, runTool, stop } from './process.mjs';
import { setup } from './setup.mjs';

/** The packages that tsup builds, each after those of ours that it depends on. */
function packagesInOrder() {
  const folder = path.join(root, 'packages');
  const all = new Map();
  for (const name of fs.readdirSync(folder).sort()) {
    const dir = path.join(folder, name);
    const manifestPath = path.join(dir, 'package.json');
    if (!fs.existsSync(manifestPath)) continue;
    const manifest = JSON.parse(fs.readFileSync(manifestPath, 'utf8'));
    const needs = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
    all.set(manifest.name, { name: manifest.name, dir, needs });
  }
  const ordered = new Set();
  const place = (item) => {
    for (const need of item.needs) if (all.has(need)) place(all.get(need));
    ordered.add(item);
  };
  for (const item of all.values()) place(item);
  return [...ordered].map((item) => ({ ...item, needs: item.needs.filter((need) => all.has(need)) }));
}

/** Builds the addon for this machine into `npm/<target>` and writes the typings of `packages/native`. */
export function buildAddon(args = []) {
  return runScript('build-addon.mjs', args);
}

/** Builds every package that has a `tsup.config.ts`. */
export async function buildPackages() {
  const prints = new Map();
  for (const { name, dir, needs } of packagesInOrder()) {
    // Generated typings and the loader stand beside `src` in a package that tsup does not build.
    const sources = fs
      .readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isFile() || entry.name === 'src')
      .map((entry) => path.join(dir, entry.name));
    const shared = ['pnpm-lock.yaml', 'tsconfig.base.json'].map((file) => path.join(root, file));
    const print = fingerprint(
      root,
      [...sources, ...shared],
      needs.map((need) => prints.get(need)),
    );
    prints.set(name, print);
    if (!fs.existsSync(path.join(dir, 'tsup.config.ts'))) continue;
    const stamp = path.join(dir, 'dist', '.han-build.json');
    if (isStamped(stamp, JSON.stringify(print))) continue;
    console.log(`build: ${name}`);
    fs.rmSync(stamp, { force: true });
    await runTool('tsup', ['--silent'], { cwd: dir });
    writeStamp(stamp, JSON.stringify(print));
  }
}

if (isStarted(import.meta.url)) {
  try {
    await setup();
    await buildAddon();
    await buildPackages();
  } catch (error) {
    stop(error);
  }
}
