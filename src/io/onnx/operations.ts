/** Every operation that is no formula and can be written in ONNX. */

import type { Op } from '../../tensor/op.ts';
import { indexing } from './write-indexing.ts';
import { movement } from './write-movement.ts';
import { products } from './write-products.ts';
import { sums } from './write-sums.ts';
import { windows } from './write-windows.ts';
import type { Writer } from './writer.ts';

/** How operations are written, by their literals: a user's own may have the name of one of them. */
export function writerOf(op: Op<any, any>): Writer | undefined {
  known ??= new Map([...movement(), ...products(), ...sums(), ...indexing(), ...windows()]);
  return known.get(op);
}

let known: ReadonlyMap<Op<any, any>, Writer> | undefined;
