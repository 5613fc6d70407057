/** Whether threads gain anything: judged by the time that jobs took together, and alone. */

import type { Kind } from '../wasm/division.ts';

const KINDS: readonly Kind[] = ['packing', 'product', 'update', 'windows', 'formula'];

/** From when on dividing has paid, and how long it is not tried again. */
interface Patience {
  /** Together must take less than so much of what it took alone. */
  readonly gain: number;
  /** How many times at most it is not tried again after it did not pay. */
  readonly patience: number;
}

export class Gain {
  readonly #limits: Patience;
  /** The shortest time that so much took alone, by operations and kind. */
  readonly #solo = new Map<number, number>();
  /** How often it was not tried again the last time, and how often it still is not to be. */
  #patience = 0;
  #alone = 0;

  constructor(limits: Patience) {
    this.#limits = limits;
  }

  /** Whether so much is to be tried together: it is known how long it takes alone, and it has not just failed to pay. */
  isWorthTrying(operations: number, kind: Kind): boolean {
    return this.#alone === 0 && this.#solo.has(keyOf(operations, kind));
  }

  /** Takes note of the time that so much took alone. */
  tookAlone(operations: number, kind: Kind, time: number): void {
    const key = keyOf(operations, kind);
    this.#alone = Math.max(0, this.#alone - 1);
    this.#solo.set(key, Math.min(this.#solo.get(key) ?? Infinity, time));
  }

  /** Takes note of the time that so much took together. If that is no less than alone, the cores are others' now: it is tried again after a while. */
  tookTogether(operations: number, kind: Kind, time: number): void {
    const { gain, patience } = this.#limits;
    if (time < gain * this.#solo.get(keyOf(operations, kind))!) this.#patience = 0;
    else this.#alone = this.#patience = Math.min(2 * this.#patience + 1, patience);
  }
}

const keyOf = (operations: number, kind: Kind): number => operations * KINDS.length + KINDS.indexOf(kind);
