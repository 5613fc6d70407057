/** How far to go along a direction, so that a function falls enough and its slope has become flat enough. */

/** A function along a direction, at one distance. */
export interface Point {
  readonly distance: number;
  readonly value: number;
  /** The derivative by the distance. */
  readonly slope: number;
  /** The gradient there, by all coordinates. */
  readonly gradient: Float64Array;
}

/** The value has to fall by this part of what the slope at the start promises. */
const DECREASE = 1e-4;
/** The slope has to be flatter than this part of the slope at the start. */
const CURVATURE = 0.9;

/**
 * A distance that fulfils the strong Wolfe conditions: `f(t) ≤ f(0) + 10⁻⁴ t f′(0)` and `|f′(t)| ≤ 0.9 |f′(0)|` (Nocedal & Wright, Numerical
 * Optimization, algorithms 3.5 and 3.6, with cubic interpolation). Where `most` points do not find one, the
 * last on the way out, as in PyTorch 2.13, or the lowest end of the interval; where that is not lower than the start, the start.
 *
 * @param from where it starts, with a slope below 0
 * @param first the distance to try first
 * @param narrowest the width of an interval that is not divided any more
 * @param most how many points to look at, from 1
 * @param at the function along the direction
 */
export function strongWolfe(from: Point, first: number, narrowest: number, most: number, at: (distance: number) => Point): Point {
  let points = 0;
  const look = (distance: number): Point => {
    points++;
    return at(distance);
  };
  const fallsEnough = ({ distance, value }: Point) => value <= from.value + DECREASE * distance * from.slope;
  const isFlat = ({ slope }: Point) => Math.abs(slope) <= -CURVATURE * from.slope;

  // Farther and farther, until a minimum lies between the last two points.
  let [last, point] = [from, look(first)];
  while (points < most && fallsEnough(point) && (points === 1 || point.value < last.value)) {
    if (isFlat(point)) return point;
    if (!(point.slope < 0)) break;
    const { distance } = point;
    const next = cubicMinimum(last, point, distance + 0.01 * (distance - last.distance), 10 * distance);
    [last, point] = [point, look(next)];
  }

  if (points >= most) return point.value < from.value ? point : from;

  // The interval between the lowest point so far and another beyond the minimum becomes narrower and narrower.
  let [low, other] = point.value < last.value ? [point, last] : [last, point];
  let nearEnd = false;
  while (points < most && Math.abs(other.distance - low.distance) >= narrowest) {
    const [least, greatest] = [low, other].map(({ distance }) => distance).sort((a, b) => a - b) as [number, number];
    let distance = cubicMinimum(low, other, least, greatest);
    // Twice next to an end would be no progress: then a tenth of the interval away from it.
    const margin = 0.1 * (greatest - least);
    const isNearEnd = Math.min(greatest - distance, distance - least) < margin;
    const isMoved: boolean = isNearEnd && (nearEnd || distance >= greatest || distance <= least);
    if (isMoved) distance = greatest - distance < distance - least ? greatest - margin : least + margin;
    nearEnd = isNearEnd && !isMoved;

    const found = look(distance);
    if (!fallsEnough(found) || !(found.value < low.value)) {
      other = found;
      continue;
    }
    if (isFlat(found)) return found;
    if (found.slope * (other.distance - low.distance) >= 0) other = low;
    low = found;
  }
  return low;
}

/** Where the cubic through two points with their slopes is lowest, kept between two distances; half way, where there is no such cubic. */
function cubicMinimum(a: Point, b: Point, least: number, most: number): number {
  const [left, right] = a.distance <= b.distance ? [a, b] : [b, a];
  const width = right.distance - left.distance;
  const mean = left.slope + right.slope - (3 * (left.value - right.value)) / (left.distance - right.distance);
  const root = Math.sqrt(mean * mean - left.slope * right.slope);
  const lowest = right.distance - width * ((right.slope + root - mean) / (right.slope - left.slope + 2 * root));
  return Number.isNaN(lowest) ? (least + most) / 2 : Math.min(Math.max(lowest, least), most);
}
