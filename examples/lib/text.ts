/** A text as numbers: an alphabet, and parallel streams of characters. */

import { readFileSync } from 'node:fs';
import { Tensor } from 'tapegrad';

/** The characters of a text, each with its number. */
export class Alphabet {
  readonly characters: readonly string[];
  readonly #numbers: ReadonlyMap<string, number>;

  constructor(text: string) {
    this.characters = [...new Set(text)].sort();
    this.#numbers = new Map(this.characters.map((character, i) => [character, i]));
  }

  get size(): number {
    return this.characters.length;
  }

  /** The characters as numbers, `[length]` in int32. */
  encode(text: string): Tensor {
    return Tensor.fromTypedArray(Int32Array.from([...text], (character) => this.#numbers.get(character)!));
  }

  decode(numbers: readonly number[]): string {
    return numbers.map((i) => this.characters[i]).join('');
  }
}

/** The text of a file beside the examples. */
export const readText = (name: string): string => readFileSync(new URL(`../data/${name}`, import.meta.url), 'utf8');

/** Characters, and for each the one that comes next: `x` and `y` of one shape. */
export interface Guesses {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** A text cut into `rows` equally long parts that lie beside each other: `[rows, length]`, `length` a multiple of `unit`. */
export function streams(text: Tensor, rows: number, unit: number): Guesses {
  const length = Math.floor((text.size - 1) / rows / unit) * unit;
  const [x, y] = [0, 1].map((from) => text.slice([[from, from + rows * length]]).reshape([rows, length])) as [Tensor, Tensor];
  return { x, y };
}

/** Streams in windows of so many characters, each beginning `step` after the one before. */
export function windows({ x, y }: Guesses, size: number, step = size): Guesses[] {
  const count = Math.floor((x.shape[1]! - size) / step) + 1;
  return Array.from({ length: count }, (_, i) => {
    const columns = [i * step, i * step + size] as const;
    return { x: x.slice([null, columns]), y: y.slice([null, columns]) };
  });
}
