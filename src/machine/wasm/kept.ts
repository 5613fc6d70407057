/** The numbers of parameters in the memory of the kernels, below the scratch space: a cache of those that were used last. */

import { bytesIn, type FloatData, floatDtypeOf } from '../../base/dtype.ts';
import { MemoryError } from '../../base/errors.ts';
import { KeptStorage, type Place } from '../storage.ts';
import { BOTTOM, type Memory, roundUp } from './memory.ts';

/** How many bytes are kept at first, and at most; and how many bytes of gaps are left as they are. */
const LIMITS = { least: 2 ** 26, most: 2 ** 30, gaps: 2 ** 20 };

export class KeptNumbers {
  readonly #memory: Memory;
  readonly #limits: typeof LIMITS;
  /** By their ids, so that the registry does not hold them. */
  readonly #residents = new Map<number, Place>();
  readonly #finalizers = new FinalizationRegistry<number>((id) => this.#forget(id));
  #ids = 0;
  #clock = 0;
  #budget: number;
  /** Where the kept numbers end. */
  #end = BOTTOM;
  /** How many bytes before that are gaps. */
  #gaps = 0;

  constructor(memory: Memory, limits: typeof LIMITS = LIMITS) {
    this.#memory = memory;
    this.#limits = limits;
    this.#budget = limits.least;
  }

  /** Keeps a copy of some numbers. */
  keep(initial: FloatData): KeptStorage {
    const id = ++this.#ids;
    const place: Place = { id, dtype: floatDtypeOf(initial), length: initial.length, address: 0, array: initial, used: ++this.#clock };
    const storage = new KeptStorage(place, this.#memory);
    this.#finalizers.register(storage, id);
    this.#settle(place);
    if (place.array) place.array = initial.slice();
    return storage;
  }

  /** To be called before an operation reads or changes kept numbers: those that are not in the memory come back to it, if there is room. */
  use(place: Place): void {
    place.used = ++this.#clock;
    if (!place.array || this.#memory.busy) return;
    // What left too early shows that more should be kept.
    while (!this.#fits(place) && this.#budget < this.#limits.most) this.#budget *= 2;
    this.#settle(place);
  }

  #fits(place: Place): boolean {
    return this.#end - BOTTOM + bytesOf(place) <= this.#budget;
  }

  /** Moves numbers from their array to the memory, if there is room. */
  #settle(place: Place): void {
    const bytes = bytesOf(place);
    if (!this.#fits(place) || this.#gaps > Math.max(this.#limits.gaps, (this.#end - BOTTOM) / 2)) this.#tidy(bytes);
    if (!this.#fits(place)) return;
    try {
      this.#memory.beginScratchAt(this.#end + bytes);
    } catch (error) {
      if (error instanceof MemoryError) return;
      throw error;
    }
    place.address = this.#end;
    this.#memory.view(place.dtype, place.address, place.length).set(place.array!);
    place.array = undefined;
    this.#residents.set(place.id, place);
    this.#end += bytes;
  }

  /** Closes all gaps; where so many more bytes are too much, what was not used for longest leaves, until half of the budget is free. */
  #tidy(more: number): void {
    let total = more;
    for (const place of this.#residents.values()) total += bytesOf(place);
    if (total > this.#budget) {
      for (const place of [...this.#residents.values()].sort((a, b) => a.used - b.used)) {
        if (total <= this.#budget / 2) break;
        place.array = this.#memory.view(place.dtype, place.address, place.length).slice();
        this.#residents.delete(place.id);
        total -= bytesOf(place);
      }
    }
    this.#gaps = 0;
    this.#end = BOTTOM;
    for (const place of [...this.#residents.values()].sort((a, b) => a.address - b.address)) {
      this.#memory.move(place.address, this.#end, place.length * bytesIn[place.dtype]);
      place.address = this.#end;
      this.#end += bytesOf(place);
    }
    this.#memory.beginScratchAt(this.#end);
  }

  #forget(id: number): void {
    const place = this.#residents.get(id);
    if (!place) return;
    this.#residents.delete(id);
    this.#gaps += bytesOf(place);
  }
}

/** How much of the memory numbers take. */
const bytesOf = ({ dtype, length }: Place): number => roundUp(length * bytesIn[dtype]);
