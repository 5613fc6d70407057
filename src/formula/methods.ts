/**
 * What formulas and tensors have in common. A derivative rule of an elementwise operation is written with these methods, and with functions that
 * take either, such as `sin`: handed tensors it performs operations, and handed formulas it becomes one kernel. Every step rounds alike, so the bits are the same.
 */
export interface Elementwise<T> {
  add(b: T | number): T;
  sub(b: T | number): T;
  mul(b: T | number): T;
  div(b: T | number): T;
  pow(b: T | number): T;
  neg(): T;
  reciprocal(): T;
  abs(): T;
  sign(): T;
  sqrt(): T;
  exp(): T;
  expm1(): T;
  log(): T;
  log1p(): T;
  tanh(): T;
  sigmoid(): T;
  /** 1 where `this < b`, else 0. With NaN all of these are 0, but `notEqual` is 1. */
  less(b: T | number): T;
  lessEqual(b: T | number): T;
  greater(b: T | number): T;
  greaterEqual(b: T | number): T;
  equal(b: T | number): T;
  notEqual(b: T | number): T;
  /** `yes` where this is not 0, else `no`. */
  where(yes: T | number, no: T | number): T;
}
