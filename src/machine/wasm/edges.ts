/** The ends of rows. Vectors may reach beyond them, but what is stored there is another's: another row's, or what another thread computes. */

import { advance, type Code, either, i32, type Local, loopWhile, type Scope, when } from './assembler.ts';
import { type Lanes, VECTOR } from './lanes.ts';

/** Stores some of the bytes of neighbouring vectors, from the first on, at an address. */
type Store = (address: Code, vectors: readonly Local[], offset?: number) => Code;

/** How a kernel stores `count` vectors, a power of two: where it `isRest` only the first `rest` bytes. */
export function storing(v: Lanes, scope: Scope, count: number, rest: Local, isRest: Code = rest): Store {
  const restOf = storingRest(v, scope, count, rest);
  return (address, vectors, offset = 0) =>
    either(
      isRest,
      restOf(offset === 0 ? address : i32.add(address, i32.constant(offset)), vectors),
      vectors.map((vector, i) => v.store(address, vector, offset + VECTOR * i)),
    );
}

/**
 * Runs code for each pair of vectors in a row, from the address `at` on, and says how it stores results. The last pair, with the `rest` bytes that are fewer
 * than a pair has, has code of its own, so that the loop need not ask: engines can make one vector of both there.
 */
export function pairByPair(v: Lanes, scope: Scope, rest: Local): (at: Local, rowBytes: Code, turn: (store: Store) => Code) => Code {
  const end = scope.integer();
  const storeRest = storingRest(v, scope, 2, rest);
  const storePair: Store = (address, vectors) => vectors.map((vector, i) => v.store(address, vector, VECTOR * i));
  return (at, rowBytes, turn) => [
    end.set(i32.sub(i32.add(at, rowBytes), rest)),
    loopWhile(i32.less(at, end), [turn(storePair), advance(at, 2 * VECTOR)]),
    when(rest, turn(storeRest)),
  ];
}

/** How a kernel stores the first `rest` bytes of `count` vectors: halves of them, as long as the rest has these, then halves of one. */
export function storingRest(v: Lanes, scope: Scope, count: number, rest: Local): Store {
  const at = scope.integer();
  const left = Array.from({ length: Math.max(1, count / 2) }, () => scope.vector());
  const last = left[0]!;
  const ifRest = (bytes: number, body: Code) => when(i32.and(rest, i32.constant(bytes)), body);
  const halves = (vectors: readonly Local[]): Code => {
    const half = vectors.length / 2;
    if (half < 1) return [];
    const stored = left.slice(0, half).map((local, i) => [v.store(at, vectors[i]!, VECTOR * i), local.set(vectors[half + i]!)]);
    return [ifRest(VECTOR * half, [stored, advance(at, VECTOR * half)]), halves(left.slice(0, half))];
  };
  return (address, vectors) => [
    at.set(address),
    left.map((local, i) => local.set(vectors[i]!)),
    halves(vectors),
    ifRest(8, [v.storeHalf(at, last), last.set(v.rotate(last, 8)), advance(at, 8)]),
    v.bytes === 4 ? ifRest(4, v.storeFirst(at, last)) : [],
  ];
}
