/** A picture of points of the plane in two classes, and of a model's decision boundary. */

import * as Plot from '@observablehq/plot';
import { Tensor } from 'tapegrad';
import type { Dataset } from 'tapegrad/datasets';
import { COLOURS } from './curves.ts';

/** What the picture shows. */
export interface BoundaryOptions {
  readonly title: string;
  /** How many of the points to show, the first ones. */
  readonly points?: number;
  /** The probability of class 1 for each row of `[rows, 2]`. The plane is tinted by it, with a line where both classes are as likely. */
  readonly probability?: (x: Tensor) => Tensor;
  /** A function of the plane that is 0 on the true boundary, which is drawn dashed. */
  readonly truth?: (x: number, y: number) => number;
}

const CLASS_COLOURS = [COLOURS[1]!, COLOURS[0]!];
/** The tint of a region where the probability of class 1 is above a number. */
const TINTS: readonly [number, string][] = [
  [0, '#fdebc8'],
  [0.2, '#fdf5e4'],
  [0.5, '#eaf3f9'],
  [0.8, '#d3e6f2'],
];
/** The picture goes from −REACH to REACH in both directions. */
const REACH = 3.5;
/** The model is evaluated on GRID × GRID points, a little beyond the picture, so that no line runs along its frame. */
const GRID = 141;
const BEYOND = REACH * 1.05;

/** A square picture of a dataset with `x : [size, 2]` and classes 0 and 1. */
export function boundary(dataset: Dataset, { title, points = 2000, probability, truth }: BoundaryOptions): Plot.PlotOptions {
  const shown = Array.from({ length: Math.min(points, dataset.size) }, (_, i) => ({
    x: dataset.x.data[2 * i]!,
    y: dataset.x.data[2 * i + 1]!,
    class: dataset.y.data[i]!,
  })).filter(({ x, y }) => Math.max(Math.abs(x), Math.abs(y)) <= REACH);

  const places = Array.from({ length: GRID * GRID }, (_, i) =>
    [i % GRID, Math.floor(i / GRID)].map((step) => BEYOND * ((2 * step) / (GRID - 1) - 1)),
  ) as [number, number][];
  const contour = (values: ArrayLike<number>, threshold: number, look: Plot.ContourOptions) =>
    Plot.contour(values, {
      ...{ width: GRID, height: GRID, x1: -BEYOND, x2: BEYOND, y1: -BEYOND, y2: BEYOND, clip: true },
      ...{ value: Plot.identity, thresholds: [threshold], ...look },
    });
  const found = probability?.(Tensor.of(places, dataset.x.dtype)).data;
  const real = truth && places.map(([x, y]) => truth(x, y));

  return {
    width: 520,
    height: 520,
    marginTop: 34,
    marginRight: 20,
    x: { label: 'x₁', domain: [-REACH, REACH], ticks: 7, tickFormat: '~g' },
    y: { label: 'x₂', domain: [-REACH, REACH], ticks: 7, tickFormat: '~g' },
    color: { type: 'categorical', domain: [0, 1], range: CLASS_COLOURS },
    marks: [
      ...(found ? TINTS.map(([threshold, fill]) => contour(found, threshold, { fill, stroke: 'none' })) : []),
      Plot.dot(shown, { x: 'x', y: 'y', fill: 'class', r: 1.5 }),
      ...(real ? [contour(real, 0, { stroke: '#555555', strokeDasharray: '5,4' })] : []),
      ...(found ? [contour(found, 0.5, { stroke: 'black', strokeWidth: 2 })] : []),
      Plot.frame(),
      Plot.text([title], { frameAnchor: 'top-left', dy: -22, fontSize: 13, fontWeight: 'bold' }),
      ...CLASS_COLOURS.map((colour, label) =>
        Plot.text([`● class ${label}`], {
          frameAnchor: 'top-right',
          dx: -8,
          dy: 8 + 16 * label,
          fill: colour,
          stroke: 'white',
          fontSize: 12,
        }),
      ),
    ],
  };
}
