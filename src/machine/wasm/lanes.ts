/** The SIMD instructions, under the same names for four lanes of float32 and for two of float64. */

import type { FloatDtype } from '../../base/dtype.ts';
import { type Binary, type Code, i32, one, two, type Unary, unsigned } from './assembler.ts';

/** The bytes of a vector. */
export const VECTOR = 16;

export interface Lanes {
  /** How many numbers a vector holds, and of how many bytes. */
  readonly count: number;
  readonly bytes: number;

  readonly load: (address: Code, offset?: number) => Code;
  readonly store: (address: Code, value: Code, offset?: number) => Code;
  /** Stores the number in the first lane alone. */
  readonly storeFirst: (address: Code, value: Code, offset?: number) => Code;
  /** Stores the first eight bytes alone. */
  readonly storeHalf: (address: Code, value: Code) => Code;
  /** One number in all lanes: from memory, or a constant. */
  readonly loadSplat: (address: Code, offset?: number) => Code;
  readonly constant: (x: number) => Code;
  /** A vector with one of its numbers from memory. */
  readonly loadLane: (address: Code, vector: Code, lane: number) => Code;
  /** Sums of lanes as whole numbers. */
  readonly addWhole: Binary;
  /** The low 32 bits of each lane, next to each other. */
  readonly low: Unary;
  /** One number from memory to memory. */
  readonly copy: (to: Code, from: Code, offset: number) => Code;

  readonly add: Binary;
  readonly sub: Binary;
  readonly mul: Binary;
  readonly div: Binary;
  readonly neg: Unary;
  readonly abs: Unary;
  readonly sqrt: Unary;
  readonly floor: Unary;
  /** `b < a ? b : a` */
  readonly atMost: Binary;
  /** `a < b ? b : a` */
  readonly atLeast: Binary;
  /** All bits of a lane where `a < b`, none elsewhere. */
  readonly less: Binary;
  /** All bits of a lane where `a = b`, none elsewhere. */
  readonly equal: Binary;
  /** All bits of a lane where `a ≠ b`, none elsewhere. */
  readonly notEqual: Binary;
  /** The larger or the smaller; NaN if either is, and 0 above −0. */
  readonly largest: Binary;
  readonly smallest: Binary;

  // The same vector as bits

  readonly and: Binary;
  readonly or: Binary;
  /** Whether any bit is set, as an integer. */
  readonly any: Unary;
  /** The bits of `a` that are not in `b`. */
  readonly without: Binary;
  /** The bits of `yes` where `mask` has them, elsewhere those of `no`. */
  readonly select: (mask: Code, yes: Code, no: Code) => Code;
  readonly shiftLeft: (a: Code, by: number) => Code;
  readonly shiftRight: (a: Code, by: number) => Code;
  /** Bytes moved down by `by`; the lowest come in again at the top. */
  readonly rotate: (a: Code, by: number) => Code;
  /** All bits of those bytes that come before the byte `end`, counted from `first`. */
  readonly bytesBefore: (end: Code, first: number) => Code;
}

export const simd = (opcode: number): Code => [0xfd, unsigned(opcode)];
const memory = (opcode: number, offset: number): Code => [simd(opcode), 0, unsigned(offset)];
export const sixteen = (byte: (index: number) => number): Code => Array.from({ length: 16 }, (_, index) => byte(index));

function lanes(dtype: FloatDtype): Lanes {
  const single = dtype === 'float32';
  const either = (forFloat32: number, forFloat64: number) => simd(single ? forFloat32 : forFloat64);
  const bytesOf = (x: number): Code => [...new Uint8Array((single ? Float32Array : Float64Array).of(x).buffer)];
  return {
    count: single ? 4 : 2,
    bytes: single ? 4 : 8,

    load: (address, offset = 0) => [address, memory(0, offset)],
    store: (address, value, offset = 0) => [address, value, memory(11, offset)],
    storeHalf: (address, value) => [address, value, memory(91, 0), 0],
    storeFirst: (address, value, offset = 0) => [address, value, memory(single ? 90 : 91, offset), 0],
    loadSplat: (address, offset = 0) => [address, memory(single ? 9 : 10, offset)],
    loadLane: (address, vector, lane) => [address, vector, memory(single ? 86 : 87, 0), lane],
    constant: (x) => [single ? 0x43 : 0x44, bytesOf(x), either(19, 20)],
    addWhole: two(either(174, 206)),
    low: (a) => (single ? a : [a, a, simd(13), sixteen((index) => (index % 4) + 8 * ((index >> 2) % 2))]),
    copy: (to, from, offset) => [to, from, single ? 0x28 : 0x29, 0, 0, single ? 0x36 : 0x37, 0, unsigned(offset)],

    add: two(either(228, 240)),
    sub: two(either(229, 241)),
    mul: two(either(230, 242)),
    div: two(either(231, 243)),
    neg: one(either(225, 237)),
    abs: one(either(224, 236)),
    sqrt: one(either(227, 239)),
    floor: one(either(104, 117)),
    atMost: two(either(234, 246)),
    atLeast: two(either(235, 247)),
    less: two(either(67, 73)),
    equal: two(either(65, 71)),
    notEqual: two(either(66, 72)),
    largest: two(either(233, 245)),
    smallest: two(either(232, 244)),

    and: two(simd(78)),
    or: two(simd(80)),
    any: one(simd(83)),
    without: two(simd(79)),
    select: (mask, yes, no) => [yes, no, mask, simd(82)],
    shiftLeft: (a, by) => [a, i32.constant(by), either(171, 203)],
    shiftRight: (a, by) => [a, i32.constant(by), either(173, 205)],
    rotate: (a, by) => [a, a, simd(13), sixteen((index) => (index + by) % 16)],
    bytesBefore: (end, first) => [simd(12), sixteen((index) => first + index), end, simd(15), simd(38)],
  };
}

export const vectors: { readonly [dtype in FloatDtype]: Lanes } = { float32: lanes('float32'), float64: lanes('float64') };
