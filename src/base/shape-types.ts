/**
 * The sizes of a tensor's axes. A literal is known to the compiler, `number` only to the program; `any` is a shape of which nothing is
 * known.
 */
export type Shape = readonly number[];

/** The shape that two shapes broadcast to, sizes aligned at the right. */
export type Broadcast<A extends Shape, B extends Shape> = number extends A['length'] | B['length']
  ? any
  : A extends readonly [...infer As extends Shape, infer M extends number]
    ? B extends readonly [...infer Bs extends Shape, infer N extends number]
      ? [...Broadcast<As, Bs>, Stretch<M, N>]
      : A
    : B;
type Stretch<M extends number, N extends number> = M extends 1
  ? N
  : N extends 1
    ? M
    : number extends M
      ? N
      : number extends N
        ? M
        : M extends N
          ? M
          : never;

/** `unknown` where two shapes broadcast, else a message that no tensor can be assigned to. */
export type Fits<A extends Shape, B extends Shape> = [Clash<A, B>] extends [never] ? unknown : Clash<A, B>;
type Clash<A extends Shape, B extends Shape> = number extends A['length'] | B['length']
  ? never
  : A extends readonly [...infer As extends Shape, infer M extends number]
    ? B extends readonly [...infer Bs extends Shape, infer N extends number]
      ? [Stretch<M, N>] extends [never]
        ? `sizes ${M} and ${N} do not broadcast`
        : Clash<As, Bs>
      : never
    : never;

/** `unknown` where the inner sizes of two matrices agree, else a message that no tensor can be assigned to. */
export type Multiplies<A extends Shape, B extends Shape> = A extends readonly [number, infer K extends number]
  ? B extends readonly [infer L extends number, number]
    ? number extends K | L
      ? unknown
      : [K] extends [L]
        ? unknown
        : `matmul: inner sizes ${K} and ${L} differ`
    : unknown
  : unknown;

/** The shape of a product of two matrices; `any` for other factors. */
export type Product<A extends Shape, B extends Shape> = number extends A['length'] | B['length']
  ? any
  : A extends readonly [infer M, number]
    ? B extends readonly [number, infer N]
      ? [M, N]
      : any
    : any;

/** The shape of a transposed matrix. */
export type Transpose<S extends Shape> = S extends readonly [infer M, infer N] ? [N, M] : any;

/** The shape without one axis. */
export type Without<S extends Shape, Axis extends number, Before extends Shape = []> = S extends readonly [
  infer Size extends number,
  ...infer After extends Shape,
]
  ? Before['length'] extends Axis
    ? [...Before, ...After]
    : Without<After, Axis, [...Before, Size]>
  : any;

/** Numbers in nested arrays. */
export type Nested = number | readonly Nested[];

/** The shape of nested arrays. */
export type ShapeOf<T> = T extends readonly [infer First, ...unknown[]]
  ? [T['length'] & number, ...ShapeOf<First>]
  : T extends number
    ? []
    : any;

/** A shape without `readonly`. */
export type Mutable<S extends Shape> = { -readonly [I in keyof S]: S[I] };

/** A shape in which -1 stands for a size that only the program knows. */
export type Resolved<S extends Shape> = { -readonly [I in keyof S]: S[I] extends -1 ? number : S[I] };

/** The shape of a reduction: `[]` over all axes; `any` over several, or if they are kept. */
export type Reduced<S extends Shape, A extends number | readonly number[] | undefined, K extends boolean> = true extends K
  ? any
  : A extends undefined
    ? []
    : A extends number
      ? Without<S, A>
      : A extends readonly []
        ? S
        : any;
