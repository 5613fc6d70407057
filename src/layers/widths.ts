/** What the compiler knows of layers: the widths between them, and the shapes that they make. Types only. */

import type { Shape } from '../base/shape-types.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Whatever takes a tensor and gives one. */
export interface Layer {
  forward(x: Tensor): Tensor;
}

/** A layer, or a function of a tensor such as `relu`. */
export type LayerOrFunction = Layer | ((x: Tensor) => Tensor);

/**
 * `unknown` where the last axis has the width that is expected, or where the compiler does not know; else a message that no tensor can be
 * assigned to.
 */
export type HasWidth<S extends Shape, Width extends number> = number extends S['length']
  ? unknown
  : // Not `number[]`: a size that is a type parameter would leave the question open.
    S extends readonly [...unknown[], infer W extends number]
    ? SameWidth<W, Width> extends true
      ? unknown
      : `expected a last axis of ${Width}, got ${W}`
    : `expected a last axis of ${Width}, got a tensor without axes`;

/** The shape with another last axis; left unsaid where the compiler does not know it. */
export type WithWidth<S extends Shape, Width extends number> = number extends S['length']
  ? any
  : { -readonly [Axis in keyof S]: Axis extends LastAxis<S> ? Width : S[Axis] };
type LastAxis<S extends Shape> = S extends readonly [unknown, ...infer Others] ? `${Others['length'] & number}` : never;

/** The shape of the result of one layer after another. */
export type Through<Layers extends readonly unknown[], S extends Shape> = number extends Layers['length']
  ? any
  : Layers extends readonly [infer First, ...infer Rest]
    ? Through<Rest, ThroughOne<First, S>>
    : S;

type ThroughOne<L, S extends Shape> =
  L extends Widths<number, infer Out>
    ? WithWidth<S, Out>
    : L extends Chain<infer Layers>
      ? Through<Layers, S>
      : KeepsShape<L> extends true
        ? S
        : any;

/** The width that a chain of layers expects: that of the first layer that says one, as long as those before keep the shape. */
export type InputWidth<Layers extends readonly unknown[]> = Layers extends readonly [infer First, ...infer Rest]
  ? First extends Widths<infer In, number>
    ? In
    : First extends Chain<infer Inner>
      ? InputWidth<[...Inner, ...Rest]>
      : KeepsShape<First> extends true
        ? InputWidth<Rest>
        : number
  : number;

/** The layers, those with a message added that do not take the width which the one before gives. */
export type Chained<Layers extends readonly unknown[]> = { [I in keyof Layers]: Layers[I] & Fits<Layers, I> };

type Fits<Layers extends readonly unknown[], I> = I extends `${infer Index extends number}`
  ? FitsAt<Index, Before<Layers, Index>, Layers[Index]>
  : unknown;
type FitsAt<Index extends number, Earlier extends readonly unknown[], L> =
  SameWidth<OutputWidth<Earlier>, InputWidth<[L]>> extends true
    ? unknown
    : `layers.${Index} expects a width of ${InputWidth<[L]>}, got ${OutputWidth<Earlier>}`;

type Before<Layers extends readonly unknown[], Index extends number, Found extends readonly unknown[] = []> = Found['length'] extends Index
  ? Found
  : Layers extends readonly [infer First, ...infer Rest]
    ? Before<Rest, Index, [...Found, First]>
    : Found;

type OutputWidth<Layers extends readonly unknown[]> =
  Through<Layers, [number, number]> extends readonly [...Shape, infer W extends number] ? W : number;

type SameWidth<A extends number, B extends number> = number extends A | B ? true : [A] extends [B] ? true : false;

/** A layer that says its widths, as `Linear` does. */
interface Widths<In extends number, Out extends number> {
  readonly inputs: In;
  readonly outputs: Out;
}

/** Layers in a row, as a `Sequential` has them. */
interface Chain<Layers extends readonly unknown[]> {
  readonly layers: Layers;
}

/**
 * Whether a layer gives the shape that it takes. One that returns a plain `Tensor` would pass for any shape, and is found by the second
 * question.
 */
type KeepsShape<L> = Takes<L, [11, 13], [11, 13]> extends true ? (Takes<L, [11, 13], [11, 17]> extends true ? false : true) : false;
type Takes<L, From extends Shape, To extends Shape> = L extends ((x: Tensor<From>) => Tensor<To>) | { forward(x: Tensor<From>): Tensor<To> }
  ? true
  : false;
