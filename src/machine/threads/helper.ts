/** A helper: a worker that performs chunks of the board. */

import { DIRECTORY, FIRST_CALLS, LOWER, UPPER, WORD } from './board.ts';

/**
 * What it runs: plain JavaScript without imports, as text, so that there is no file that a bundler need know of. Written out by hand, since what tools
 * make of a function need not run by itself.
 */
const source = (): string => `
const help = ({ words, memory, totals, index }) => {
  const kernels = [];
  const compile = (number) => {
    const at = ${DIRECTORY} + 2 * number;
    const module = new WebAssembly.Module(new Uint8Array(words.buffer, words[at], words[at + 1]).slice());
    return new WebAssembly.Instance(module, { host: { memory, totals } }).exports.run;
  };
  const kernel = (number) => (kernels[number] ??= compile(number));
  // So that nobody has to wait for it when there is something to do.
  const compileOne = () => {
    if (kernels.length < Atomics.load(words, ${WORD.kernels})) kernel(kernels.length);
  };
  const integers = [];
  const perform = (chunk) => {
    const end = words[${FIRST_CALLS} + chunk + 1];
    for (let at = words[${FIRST_CALLS} + chunk]; at < end; ) {
      const run = kernel(words[at]);
      integers.length = words[at + 1];
      at += 2;
      for (let i = 0; i < integers.length; i++) integers[i] = words[at++];
      run(...integers);
    }
  };
  // The last chunk that nobody has taken, as the program takes the first: so each mostly finds in its own cache what it worked on last.
  const take = () => {
    for (;;) {
      const open = Atomics.load(words, ${WORD.open});
      const last = (open >> ${UPPER}) - 1;
      if (last < (open & ${LOWER})) return -1;
      if (Atomics.compareExchange(words, ${WORD.open}, open, open - ${2 ** UPPER}) === open) return last;
    }
  };
  const isOpen = () => {
    const open = Atomics.load(words, ${WORD.open});
    return (open & ${LOWER}) < open >> ${UPPER};
  };
  Atomics.add(words, ${WORD.ready}, 1);
  for (;;) {
    const limit = Atomics.load(words, ${WORD.limit});
    if (index >= limit) {
      Atomics.wait(words, ${WORD.limit}, limit);
      continue;
    }
    for (let polls = words[${WORD.polls}]; polls > 0 && !isOpen(); polls--) compileOne();
    if (!isOpen()) {
      const epoch = Atomics.load(words, ${WORD.epoch});
      Atomics.add(words, ${WORD.sleeping}, 1);
      if (!isOpen()) Atomics.wait(words, ${WORD.epoch}, epoch);
      Atomics.sub(words, ${WORD.sleeping}, 1);
      continue;
    }
    for (let chunk; (chunk = take()) >= 0; ) {
      const chunks = words[${WORD.chunks}];
      try {
        perform(chunk);
      } catch {
        Atomics.store(words, ${WORD.failed}, 1);
      }
      if (Atomics.add(words, ${WORD.done}, 1) + 1 === chunks && Atomics.load(words, ${WORD.waiting})) Atomics.notify(words, ${WORD.done});
    }
  }
};
if (typeof require === 'function') require('node:worker_threads').parentPort.once('message', help);
else self.onmessage = ({ data }) => help(data);
`;

/** What a helper is told first. */
export interface Orders {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly memory: WebAssembly.Memory;
  /** The bytes that its kernels have to themselves. */
  readonly totals: number;
  readonly index: number;
}

export interface Helper {
  postMessage(orders: Orders): void;
  terminate(): unknown;
  unref?(): void;
}

/** As much of `globalThis` as helpers are made from. */
export interface Host {
  readonly process?: { getBuiltinModule?(name: string): any };
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly crossOriginIsolated?: boolean;
  readonly SharedArrayBuffer?: unknown;
  readonly Worker?: new (url: string, options: object) => Helper & { onerror: unknown };
}

/** How many threads can run at a time here. */
export function coresOf({ process, navigator }: Host): number {
  return process?.getBuiltinModule?.('node:os')?.availableParallelism?.() ?? navigator?.hardwareConcurrency ?? 1;
}

/** A worker of whatever kind the host has. `fail` hears why, if it cannot go on. */
export function makeHelper({ process, Worker: PageWorker }: Host, fail: (reason: string) => void): Helper {
  const { Worker } = process?.getBuiltinModule?.('node:worker_threads') ?? {};
  if (Worker) {
    // Without what the program was started with: each helper would load it again.
    const helper = new Worker(source(), { eval: true, name: 'tapegrad', execArgv: [], env: {}, resourceLimits: { stackSizeMb: 1 } });
    helper.on('error', (error: unknown) => fail(String(error)));
    // A program that is done may end.
    helper.unref();
    return helper;
  }
  const url = URL.createObjectURL(new Blob([source()], { type: 'text/javascript' }));
  const helper = new PageWorker!(url, { type: 'module', name: 'tapegrad' });
  helper.onerror = ({ message }: ErrorEvent) => fail(message || "a worker did not start: does the page's policy allow worker-src blob: ?");
  return helper;
}
