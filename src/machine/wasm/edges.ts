/** The ends of rows. Vectors may reach beyond them, but what is stored there is another's: another row's, or what another thread computes. */

import { advance, type Code, either, i32, type Local, loopWhile, repeatWhile, type Scope, TOTALS, when } from './assembler.ts';
import { type Lanes, VECTOR } from './lanes.ts';

const PAIR = 2 * VECTOR;

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

/** Code for each pair of vectors in a row. */
interface Pairs {
  /** Where the pair is to be stored, and may be found again by the next pass over the same row. */
  readonly at: Local;
  /** Whether `at` is not in the row itself. */
  readonly isRest: Code;
  /** Runs `body` for all pairs of a row. */
  readonly over: (row: Code, rowBytes: Code, body: Code) => Code;
  /** Brings the rest of a row to its place. */
  readonly storeRest: (row: Code, rowBytes: Code) => Code;
}

/**
 * How a kernel walks along rows, pair by pair. The last `rest` bytes, fewer than a pair has, have a turn of their own in bytes that nobody else uses, so
 * that what runs for each pair need not ask where it is.
 */
export function pairsInRows(v: Lanes, scope: Scope, rest: Local): Pairs {
  const [at, end, turn] = [scope.integer(), scope.integer(), scope.integer()];
  const pair = [scope.vector(), scope.vector()];
  const restOf = storingRest(v, scope, pair.length, rest);
  const loop = (body: Code) => loopWhile(i32.less(at, end), [body, advance(at, PAIR)]);
  return {
    at,
    isRest: i32.less(turn, rest),
    over: (row, rowBytes, body) => [
      at.set(row),
      end.set(i32.sub(i32.add(at, rowBytes), rest)),
      turn.set(rest),
      repeatWhile(i32.less(at, end), [
        loop(body),
        when(turn, [at.set(TOTALS), end.set(i32.add(at, i32.constant(PAIR))), turn.set(i32.constant(0))]),
      ]),
    ],
    storeRest: (row, rowBytes) =>
      when(rest, [pair.map((vector, i) => vector.set(v.load(TOTALS, VECTOR * i))), restOf(i32.sub(i32.add(row, rowBytes), rest), pair)]),
  };
}

/** How a kernel stores the first `rest` bytes of `count` vectors: halves of them, as long as the rest has these, then halves of one. */
function storingRest(v: Lanes, scope: Scope, count: number, rest: Local): Store {
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
