/** The kernel of the adjoint of max pooling, for windows of two columns next to each other, as most are. */

import { advance, assemble, type Code, either, i32, type Kernel, type Local, repeat } from './assembler.ts';
import { storing } from './edges.ts';
import { VECTOR, vectors } from './lanes.ts';
import { isLast } from './matmul-kernels.ts';
import { same, weaveFirst, weaveLast } from './pool-lanes.ts';

/** Gradients, which go to places in rows of frames, line after line of windows: float32, and places int32, in channels of so many lines of windows. */
export interface SpreadPairs {
  readonly channels: number;
  readonly dy: number;
  readonly places: number;
  readonly out: number;
  readonly lines: number;
  /** How many windows a line has. */
  readonly count: number;
  /** How many rows a window has. */
  readonly rows: number;
  /** The distances of channels of frames, of lines of windows, and of rows, in bytes. */
  readonly channelStride: number;
  readonly lineStride: number;
  readonly rowStride: number;
  /** The address of vectors of integers: the places of the first elements of the first four windows, and how far apart these are everywhere else. */
  readonly steps: number;
}

/** The vectors of `steps`, where images have so many columns, and lines of windows are so many rows apart. */
export const stepsOfPairs = (columns: number, stride: number): number[] => [
  ...[0, 2, 4, 6],
  ...[1, 8, columns, stride * columns].flatMap((step) => [step, step, step, step]),
];
const STEPS = { column: VECTOR, panel: 2 * VECTOR, row: 3 * VECTOR, line: 4 * VECTOR };

// biome-ignore format: the parameters in their order
const SPREAD_PAIRS = [
  'channels', 'dy', 'places', 'out', 'lines', 'panels', 'rest', 'rows', 'channelStride', 'lineStride', 'rowStride', 'steps',
] as const;

export function runSpreadPairs(run: Kernel, pairs: SpreadPairs): void {
  const { channels, dy, places, out, lines, count, rows, channelStride, lineStride, rowStride, steps } = pairs;
  run(channels, dy, places, out, lines, Math.ceil(count / 4), 4 * (count % 4), rows, channelStride, lineStride, rowStride, steps);
}

/** Writes to each element of each window its gradient where its place is that of the element, and 0 where it is not. */
export function spreadPairs(): Uint8Array<ArrayBuffer> {
  const v = vectors.float32;
  return assemble(SPREAD_PAIRS, (parameters, scope) => {
    const { channels, dy, places, out, lines, panels, rest, rows, channelStride, lineStride, rowStride, steps } = parameters;
    const [line, panel, row, toLine, to, at] = Array.from({ length: 6 }, () => scope.integer()) as [
      Local,
      Local,
      Local,
      Local,
      Local,
      Local,
    ];
    const [restHere, restOut] = [scope.integer(), scope.integer()];
    const [ofLine, first, here] = [scope.vector(), scope.vector(), scope.vector()];
    const [which, gradient, even, odd] = [scope.vector(), scope.vector(), scope.vector(), scope.vector()];
    const [low, high] = [scope.vector(), scope.vector()];
    const store = storing(v, scope, 2, restOut);
    const onward = (place: Local, step: number): Code => place.set(v.addWhole(place, v.load(steps, step)));
    const addRow: Code = [
      even.set(v.and(same(which, here), gradient)),
      odd.set(v.and(same(which, v.addWhole(here, v.load(steps, STEPS.column))), gradient)),
      [low.set(weaveFirst(even, odd)), high.set(weaveLast(even, odd))],
      store(at, [low, high]),
      [onward(here, STEPS.row), advance(at, rowStride)],
    ];
    const addPanel: Code = [
      [restHere.set(i32.mul(rest, isLast(panel))), restOut.set(i32.add(restHere, restHere))],
      // A sum, as that of what windows give their elements: there is no −0.
      [which.set(v.load(places)), gradient.set(v.add(v.load(dy), v.constant(0)))],
      [at.set(to), here.set(first), row.set(rows)],
      repeat(row, addRow),
      [onward(first, STEPS.panel), advance(to, 2 * VECTOR)],
      either(restHere, [advance(dy, restHere), advance(places, restHere)], [advance(dy, VECTOR), advance(places, VECTOR)]),
    ];
    return repeat(channels, [
      [ofLine.set(v.load(steps)), toLine.set(out), line.set(lines)],
      repeat(line, [
        [first.set(ofLine), to.set(toLine), panel.set(panels)],
        repeat(panel, addPanel),
        [onward(ofLine, STEPS.line), advance(toLine, lineStride)],
      ]),
      advance(out, channelStride),
    ]);
  });
}
