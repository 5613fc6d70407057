import { spawn } from 'node:child_process';
import { copyFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Parameter, Tensor } from '../../src/index.ts';
import { load } from '../../src/io/index.ts';
import { previousOf } from '../../src/io/whole-files.ts';

/** What a process left that was killed while it saved one model after another. */
export interface Left {
  /** The number of the last model of which it said that it is saved. */
  readonly saved: number;
  /** The numbers of the models in the file and in the one of the generation before. */
  readonly found: number;
  readonly before: number;
  /** Whether it was killed inside of `save`: there is another file, which it had begun. */
  readonly isInside: boolean;
}

/**
 * Starts a process that saves models numbered from `first`, and kills it so many milliseconds after it has saved the second one.
 * @throws DataError for a file that is not whole.
 */
export async function killWhileSaving(program: string, path: string, first: number, delay: number): Promise<Left> {
  const child = spawn(process.execPath, [program, path, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (said += text));
  const closed = new Promise((resolve) => child.once('close', resolve));
  while (child.exitCode === null && !said.includes('\n', said.indexOf('\n') + 1)) await sleep(1);
  await sleep(delay);
  child.kill('SIGKILL');
  await closed;
  const saved = Number(said.trimEnd().split('\n').at(-1));
  const begun = readdirSync(dirname(path)).filter((name) => name.startsWith(basename(path)) && /\.(new|old)$/.test(name));
  // A name by which `load` knows the format.
  const copy = join(dirname(path), `before-${basename(path)}`);
  copyFileSync(previousOf(path), copy);
  return { saved, found: await numberIn(path), before: await numberIn(copy), isInside: begun.length > 0 };
}

/** The number of the model in a file, in which all numbers are that one. */
async function numberIn(path: string): Promise<number> {
  const model = { w: new Parameter(Tensor.zeros([20_000])) };
  await load(model, path);
  const numbers = new Set(model.w.data);
  if (numbers.size !== 1) throw new Error(`${path}: holds ${numbers.size} different numbers`);
  return model.w.data[0]!;
}
