/** The program that every engine runs: no module of Node, no file, no clock. The images are its only argument. */

import { digest, hashOf } from './digest.ts';
import { arithmetic } from './parts/arithmetic.ts';
import { functions } from './parts/functions.ts';
import { type Images, mnist } from './parts/mnist.ts';
import type { Part } from './parts/part.ts';
import { products } from './parts/products.ts';
import { random } from './parts/random.ts';
import { reductions } from './parts/reductions.ts';
import { tinyNetworks } from './parts/tiny-network.ts';

/** A hash for each part by its name, and one over all. */
export interface Hashes {
  readonly all: string;
  readonly parts: Readonly<Record<string, string>>;
}

/** Computes all parts, and hashes all bits of their results. */
export async function reproduce(images: Images): Promise<Hashes> {
  const list: readonly Part[] = [...random, ...arithmetic, ...functions, ...products, ...reductions, ...tinyNetworks, ...mnist(images)];
  const parts: Record<string, string> = {};
  for (const { name, tensors } of list) parts[name] = await digest(tensors());
  return { all: await hashOf(Object.entries(parts).flat()), parts };
}
