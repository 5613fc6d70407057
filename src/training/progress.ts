/** The progress of a training as text: a line that changes in a terminal, a line an epoch elsewhere. */

import { aFunction, boolean, check, optional, type Requirement, readOptions, withoutDefault } from '../base/options.ts';
import type { TrainingStep } from './train.ts';

/** Where progress is written. */
export interface ProgressOptions {
  /** How many epochs there will be. */
  readonly epochs?: number;
  /** Whether the line is written over again and again. Default whether the program writes to a terminal. */
  readonly live?: boolean;
  /** What is called with text. Default the standard output, or where there is none the console, a line at a time. */
  readonly write?: (text: string) => void;
}

interface Host {
  readonly process?: { readonly stdout?: { readonly isTTY?: boolean; readonly columns?: number; write?(text: string): unknown } };
}

const output = () => (globalThis as Host).process?.stdout;

/** How wide the bar is, and how many losses the sparkline shows. */
const [BAR, SPARKS] = [20, 16];
/** How often the line changes, in milliseconds. */
const PAUSE = 80;

const count: Requirement = { words: 'a whole number from 0', holds: (x) => Number.isSafeInteger(x) && (x as number) >= 0 };

const numbersByName: Requirement = {
  words: 'numbers by name, the epoch among them',
  holds: (x) => typeof (x as { readonly epoch?: unknown } | null)?.epoch === 'number',
};

/**
 * Shows the steps of a training: a bar with the rate, the time left and a sparkline of the loss in a terminal, a line an epoch elsewhere.
 *
 * @example
 * const lines: string[] = [];
 * const progress = new Progress({ epochs: 2, live: false, write: (text) => void lines.push(text) });
 * progress.step({ epoch: 0, step: 0, loss: 0.5, epochLoss: 0.5, examples: 32, learningRate: 0.1, batch: 1, batches: 1, endOfEpoch: true });
 * progress.epoch({ epoch: 0, loss: 0.5, accuracy: 0.75 });
 * lines.map((line) => line.replace(/· \S+\/s · \S+ s/, '· …')) // => ['epoch 1/2 · … · loss 0.5 · accuracy 0.75\n']
 */
export class Progress {
  readonly #epochs: number | undefined;
  readonly #live: boolean;
  readonly #write: (text: string) => void;
  readonly #losses: number[] = [];
  /** When the epoch began, and how many examples it has had since. */
  #start = performance.now();
  #examples = 0;
  #shown = 0;
  /** How wide the line is that stands there now. */
  #width = 0;

  /** @throws ValueError for options that are not known or none. */
  constructor(options?: ProgressOptions) {
    const stdout = output();
    const { epochs, live, write } = readOptions<ProgressOptions>('Progress', options, {
      epochs: withoutDefault(count),
      live: optional(boolean, stdout?.isTTY ?? false),
      write: withoutDefault(aFunction),
    }) as ProgressOptions;
    this.#epochs = epochs;
    this.#live = live!;
    // biome-ignore lint/suspicious/noConsole: where there is no standard output, people look at the console
    this.#write = write ?? ((text) => (stdout?.write ? void stdout.write(text) : console.log(text.trimEnd())));
  }

  /**
   * Takes in a step, and shows it where a line is live.
   * @throws ValueError for what is no object.
   */
  step(at: TrainingStep): void {
    check('Progress.step', { at }, numbersByName);
    if (at.batch === 1 || this.#examples === 0) [this.#start, this.#examples] = [performance.now(), 0];
    this.#examples += at.examples;
    if (at.endOfEpoch || at.step === 0) remember(this.#losses, at.epochLoss);
    const now = performance.now();
    if (!this.#live || (now - this.#shown < PAUSE && !at.endOfEpoch)) return;
    this.#shown = now;
    this.#over(this.#lineOf(at, now));
  }

  /**
   * Ends an epoch with a line of its numbers.
   * @throws ValueError for what is no object with an `epoch`.
   */
  epoch(numbersOfEpoch: Readonly<Record<string, number>>): void {
    check('Progress.epoch', { numbers: numbersOfEpoch }, numbersByName);
    const { epoch, ...numbers } = numbersOfEpoch;
    const seconds = (performance.now() - this.#start) / 1000;
    const shown = Object.entries(numbers).filter(([name]) => !SILENT.includes(name));
    const figures = [
      `${rateOf(this.#examples, seconds)}/s`,
      `${seconds.toFixed(1)} s`,
      ...shown.map(([name, x]) => `${name} ${shortly(x)}`),
    ];
    const line = `${this.#label(epoch!)} · ${figures.join(' · ')}`;
    if (this.#live) this.#over(`${line} ${sparkline(this.#losses)}`);
    this.#write(this.#live ? '\n' : `${line}\n`);
    this.#examples = this.#width = 0;
  }

  #label(epoch: number): string {
    return `epoch ${epoch + 1}${this.#epochs === undefined ? '' : `/${this.#epochs}`}`;
  }

  #lineOf({ epoch, batch, batches, epochLoss }: TrainingStep, now: number): string {
    const seconds = (now - this.#start) / 1000;
    const rate = `${rateOf(this.#examples, seconds)}/s`;
    const loss = `loss ${shortly(epochLoss)} ${sparkline(this.#losses)}`;
    if (batches === undefined) return `${this.#label(epoch)} batch ${batch} · ${rate} · ${loss}`;
    const done = Math.min(1, batch / batches);
    const bar = '█'.repeat(Math.round(done * BAR)).padEnd(BAR, '░');
    return `${this.#label(epoch)} ${bar} ${Math.round(100 * done)}% · ${rate} · ${Math.ceil((seconds / done) * (1 - done))} s left · ${loss}`;
  }

  /** Writes a line over the one that stands there, cut where the terminal ends. */
  #over(line: string): void {
    const cut = line.slice(0, (output()?.columns ?? 80) - 1);
    this.#write(`\r${cut.padEnd(this.#width)}`);
    this.#width = cut.length;
  }
}

/** What a line of an epoch leaves out, since it is there in other words or of no use to people. */
const SILENT: readonly string[] = ['step', 'examples', 'seconds', 'learningRate'];

/** Adds a loss to those that are shown: where there are too many, every second one goes. */
function remember(losses: number[], loss: number): void {
  losses.push(loss);
  if (losses.length <= SPARKS) return;
  const kept = losses.filter((_, i) => i % 2 === 0);
  losses.splice(0, losses.length, ...kept);
}

/** Numbers as bars of eight heights: `▁▃█`. */
export function sparkline(values: readonly number[]): string {
  const finite = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  const height = (x: number) => (high > low ? Math.min(7, Math.floor(((x - low) / (high - low)) * 8)) : 0);
  return values.map((x) => (Number.isFinite(x) ? '▁▂▃▄▅▆▇█'[height(x)] : '×')).join('');
}

const shortly = (x: number): string => (Number.isFinite(x) ? String(Number(x.toPrecision(4))) : String(x));

function rateOf(examples: number, seconds: number): string {
  const rate = examples / Math.max(1e-3, seconds);
  return rate >= 10_000 ? `${Math.round(rate / 1000)}k` : shortly(Number(rate.toPrecision(3)));
}
