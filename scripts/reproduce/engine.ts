/** Engines that are started by a command and print their report. */

import { execFile, execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { program } from './bundle.ts';
import type { Report } from './entry.ts';

/** Something that can run the program. */
export interface Engine {
  readonly name: string;
  readonly version: string;
  /** Whether it is another engine only in what it does with kernels, so that plain loops say nothing new. */
  readonly onlyKernels?: boolean;
  /** Runs it with kernels, or with plain loops. */
  readonly run: (kernels: boolean) => Promise<Report>;
  /** Runs it with kernels, divided among so many threads. */
  readonly runDivided?: (threads: number) => Promise<Report>;
  /** Runs it where it asks for threads and cannot have them, and is to say why. */
  readonly runRefused?: () => Promise<Report>;
}

/** The numbers of threads that are tried besides one: fewer, as many and more than most machines have cores, and one that divides nothing evenly. */
export const THREADS = [2, 3, 7] as const;

/** What a program is called on this system. */
export const executable = (name: string): string => (process.platform === 'win32' ? `${name}.exe` : name);

/** Where a program lies on PATH, if it does. */
export function onPath(name: string): string | undefined {
  const paths = (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, executable(name)));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The number that a program tells when asked for its version. */
export const versionOf = (command: string, ...before: string[]): string =>
  /\d+(\.\d+)+/.exec(execFileSync(command, [...before, '--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))?.[0] ??
  '?';

/** The engines that a function makes, or only the given name where that throws: the engine does not start. */
export function attempt<Made>(name: string, make: () => Made): Made | string {
  try {
    return make();
  } catch (error) {
    console.error(`${name} does not start: ${(error as Error).message}`);
    return name;
  }
}

/** Reads what an engine told, which may be what went wrong. */
export function reportFrom(text: string): Report {
  const report = JSON.parse(text) as Report | { readonly error: string };
  if ('error' in report) throw new Error(report.error);
  return report;
}

/** An engine that is a command, with what stands before the name of the module. */
export function commandEngine(name: string, version: string, [command, ...before]: readonly [string, ...string[]]): Engine {
  const report = async (...options: readonly string[]) =>
    reportFrom((await promisify(execFile)(command, [...before, program, ...options])).stdout);
  return {
    name,
    version,
    run: (kernels) => report(...(kernels ? [] : ['--plain'])),
    runDivided: (threads) => report(`--threads=${threads}`),
  };
}

/** The engines that need not be installed: this Node, and Bun and Deno if they are on PATH. */
export function enginesAtHand(): Engine[] {
  const [bun, deno] = [onPath('bun'), onPath('deno')];
  return [
    commandEngine('Node', process.versions.node, [process.execPath]),
    ...(bun ? [commandEngine('Bun', versionOf(bun), [bun])] : []),
    ...(deno ? [commandEngine('Deno', versionOf(deno), [deno, 'run', '--allow-all'])] : []),
  ];
}
