/** The L-BFGS method on plain numbers: a point, and a function of it with its gradient. */

import { type Point, strongWolfe } from './line-search.ts';

/** A step that was made, and how the gradient changed by it: curvature along one direction. */
interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  /** `⟨step, change⟩`, above 0. */
  readonly curvature: number;
}

/** What is remembered from one direction to the next: plain numbers. */
export interface CurvatureMemory {
  /** The last pairs, the latest last. */
  readonly pairs: readonly Pair[];
  /** The gradient before the last step; none before the first. */
  readonly gradient?: Float64Array | undefined;
  /** The last step. Its pair is made when the gradient after it is known. */
  readonly step?: Float64Array | undefined;
}

/** Whether something is a memory of steps of a size. */
export function isMemory({ pairs, gradient, step }: CurvatureMemory, size: number): boolean {
  const isRow = (x: unknown) => x instanceof Float64Array && x.length === size;
  const isPair = (x: Partial<Pair> | null) => isRow(x?.step) && isRow(x?.change) && x!.curvature! > 0;
  return Array.isArray(pairs) && pairs.every(isPair) && [gradient, step].every((x) => x === undefined || isRow(x));
}

/** A function's value at a point, and its gradient there. */
export interface Evaluation {
  readonly value: number;
  readonly gradient: Float64Array;
}

/** When to stop, and how to search. */
export interface QuasiNewtonOptions {
  readonly learningRate: number;
  readonly lineSearch: 'strongWolfe' | 'none';
  readonly maxIterations: number;
  readonly maxEvaluations: number | undefined;
  readonly historySize: number;
  readonly gradientTolerance: number;
  readonly changeTolerance: number;
}

/**
 * Goes downhill along up to `maxIterations` directions.
 * @param x where to start
 * @param now the function there
 * @param at the function elsewhere
 */
export function quasiNewton(
  x: Float64Array,
  now: Evaluation,
  at: (x: Float64Array) => Evaluation,
  memory: CurvatureMemory,
  options: QuasiNewtonOptions,
): { readonly x: Float64Array; readonly memory: CurvatureMemory } {
  const { learningRate, lineSearch, maxIterations, historySize, gradientTolerance, changeTolerance } = options;
  const maxEvaluations = options.maxEvaluations ?? Math.floor(1.25 * maxIterations);
  let evaluations = 1;
  for (let iteration = 1; largest(now.gradient) > gradientTolerance; iteration++) {
    const isFirst = memory.gradient === undefined;
    const pairs = withLatest(memory, now.gradient, historySize);
    const direction = descent(pairs, now.gradient);
    const slope = dot(now.gradient, direction);
    memory = { pairs, gradient: now.gradient };
    if (!(slope <= -changeTolerance) || learningRate === 0) break;

    // Before anything is known of the curvature, not farther than 1 in all coordinates together.
    const first = learningRate * (isFirst ? Math.min(1, 1 / total(now.gradient)) : 1);
    const start = x;
    const look = (distance: number): Point => {
      evaluations++;
      const { value, gradient } = at(sum(start, direction, distance));
      return { distance, value, slope: dot(gradient, direction), gradient };
    };
    const before = now.value;
    let distance = first;
    if (lineSearch === 'strongWolfe') {
      // As many as are left, and one more: so along the last direction there is one at least.
      const most = maxEvaluations - evaluations + 1;
      const found = strongWolfe({ ...now, distance: 0, slope }, first, changeTolerance / largest(direction), most, look);
      ({ distance } = found);
      now = found;
    }
    x = sum(start, direction, distance);
    // Where no point is lower, the remembered curvature misleads, unless there were few evaluations left.
    memory = distance === 0 && iteration === 1 ? { pairs: [] } : { ...memory, step: direction.map((d) => d * distance) };
    if (lineSearch === 'none' && iteration < maxIterations) now = look(distance);
    if (iteration === maxIterations || evaluations >= maxEvaluations) break;
    if (distance * largest(direction) <= changeTolerance || Math.abs(now.value - before) < changeTolerance) break;
  }
  return { x, memory };
}

/** The pairs with the one of the last step, if the function curves upwards along it. */
function withLatest({ pairs, gradient, step }: CurvatureMemory, now: Float64Array, historySize: number): readonly Pair[] {
  if (!gradient || !step) return pairs;
  const change = sum(now, gradient, -1);
  const curvature = dot(change, step);
  return curvature > 1e-10 ? [...pairs, { step, change, curvature }].slice(-historySize) : pairs;
}

/** Minus the product of the estimated inverse of the second derivatives and a gradient: the recursion of two loops. */
function descent(pairs: readonly Pair[], gradient: Float64Array): Float64Array {
  let direction: Float64Array = gradient.map((g) => -g);
  const weights = pairs.toReversed().map(({ step, change, curvature }) => {
    const weight = dot(step, direction) / curvature;
    direction = sum(direction, change, -weight);
    return weight;
  });
  const latest = pairs.at(-1);
  if (latest) {
    const scale = latest.curvature / dot(latest.change, latest.change);
    direction = direction.map((d) => d * scale);
  }
  for (const { step, change, curvature } of pairs) direction = sum(direction, step, weights.pop()! - dot(change, direction) / curvature);
  return direction;
}

/** `a + t · b` */
const sum = (a: Float64Array, b: Float64Array, t: number): Float64Array => a.map((x, i) => x + t * b[i]!);

/** All these add up from first to last. */
function dot(a: Float64Array, b: Float64Array): number {
  let found = 0;
  for (let i = 0; i < a.length; i++) found += a[i]! * b[i]!;
  return found;
}

const total = (x: Float64Array): number => x.reduce((found, y) => found + Math.abs(y), 0);

/** The largest size; NaN is passed over. */
const largest = (x: Float64Array): number => x.reduce((found, y) => (Math.abs(y) > found ? Math.abs(y) : found), 0);
