/** Engines from the package registry, installed in a folder that git ignores. Their install scripts are not run: the binaries are in the packages. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { attempt, commandEngine, type Engine, executable, versionOf } from './engine.ts';

const folder = resolve('build/engines');
const modules = join(folder, 'node_modules');
const REVECTORIZE = '--experimental-wasm-revectorize';

const nodes = [20, 22, 24, 26];
const system = process.platform === 'win32' ? 'win' : process.platform;

/** Runs npm in a folder. */
export const npm = (args: readonly string[], cwd: string): string =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });

function install(): void {
  mkdirSync(folder, { recursive: true });
  // Without a package of its own, npm would take the folder above for one.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const wanted = nodes.map((major) => `node${major}@npm:node-${system}-${process.arch}@${major}`);
  try {
    npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', ...wanted, 'bun@1', 'deno@2'], folder);
  } catch (error) {
    console.error(`Engines could not be installed; those of the last time are taken, if there are any.\n${(error as Error).message}`);
  }
}

/** A version of Node; where V8 has it, also with the option that joins vectors of 128 bits to wider ones. */
function nodeEngines(major: number): Engine[] {
  const command = join(modules, `node${major}`, 'bin', executable('node'));
  const version = versionOf(command);
  const plain = commandEngine('Node', version, [command]);
  const options = execFileSync(command, ['--v8-options'], { encoding: 'utf8' });
  if (!options.includes(REVECTORIZE)) return [plain];
  return [plain, { ...commandEngine(`Node ${REVECTORIZE}`, version, [command, REVECTORIZE]), onlyKernels: true }];
}

function bun(): Engine | string {
  const scope = join(modules, '@oven');
  const packages = existsSync(scope) ? readdirSync(scope) : [];
  // Where there are several, each for another kind of CPU or C library, the first that starts will do.
  for (const name of packages) {
    const command = join(scope, name, 'bin', executable('bun'));
    try {
      return commandEngine('Bun', versionOf(command), [command]);
    } catch {}
  }
  return 'Bun';
}

function deno(): Engine {
  const starter = join(modules, 'deno', 'bin.cjs');
  return commandEngine('Deno', versionOf(process.execPath, starter), [process.execPath, starter, 'run', '--allow-all']);
}

/** The engines that are packages; only the name of one that could not be installed. */
export function installedEngines(): (Engine | string)[] {
  install();
  return [...nodes.flatMap<Engine | string>((major) => attempt(`Node ${major}`, () => nodeEngines(major))), bun(), attempt('Deno', deno)];
}
