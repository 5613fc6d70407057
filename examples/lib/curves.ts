/** Pictures: curves, heat maps and small images. */

import * as Plot from '@observablehq/plot';

/** Colours of Okabe and Ito, which are distinguishable to the colour-blind. */
export const COLOURS = ['#0072B2', '#E69F00', '#009E73', '#CC79A7', '#56B4E9', '#D55E00'];

export type Point = readonly [x: number, y: number];

/** One line of a picture. */
export interface Series {
  /** Shown at the end of the line. */
  readonly name: string;
  readonly points: readonly Point[];
  /** Drawn faintly beneath the line, for example the values before smoothing. */
  readonly raw?: readonly Point[];
  /** An area around it, from the first to the second number above each point. */
  readonly band?: readonly (readonly [x: number, low: number, high: number])[];
  /** Whether the line is grey and dashed: for what the others are compared with, such as the truth. */
  readonly dashed?: boolean;
}

export interface Axes {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** Whether the vertical axis is logarithmic. */
  readonly log?: boolean;
  /** Whether the horizontal one is. */
  readonly logX?: boolean;
  readonly width?: number;
  /** From where to where the vertical axis goes. By default as far as the curves do. */
  readonly domain?: readonly [low: number, high: number];
  /** Points drawn as dots over the curves: the data. */
  readonly dots?: readonly Point[];
}

/** One or more curves in one picture, each with its name at its end. */
export function curves(series: readonly Series[], axes: Axes): Plot.PlotOptions {
  const { title, x, y, log = false, logX = false, width = 640, domain, dots = [] } = axes;
  const lowest = (value: number) => (log ? Math.max(value, Number.MIN_VALUE) : value);
  const labels = spreadOut(series, log, domain);
  // Where all x are whole numbers, such as epochs, only these have ticks.
  const places = series.flatMap(({ points }) => points.map(([x]) => x));
  const whole = [...new Set(places)];
  const clip = domain !== undefined;
  const heights = series.flatMap(({ points }) => points.map(([, y]) => y)).filter(Number.isFinite);
  const [low, high] = [heights.reduce((a, b) => Math.min(a, b), Infinity), heights.reduce((a, b) => Math.max(a, b), -Infinity)];
  // Of a logarithmic axis over many powers of ten only these are named, and where there are none, all ticks.
  const isWide = log && (high >= 100 || low < 1e-3);
  const isNarrow = high < 3 * low;
  return {
    width,
    height: 350,
    marginTop: 58,
    marginLeft: 56,
    marginRight: 24 + 7 * Math.max(...series.map(({ name }) => name.length)),
    marginBottom: 40,
    grid: true,
    x: {
      label: x,
      labelAnchor: 'right',
      ticks: logX ? powersOfTen(places) : whole.length <= 12 && whole.every(Number.isInteger) ? whole : 6,
      type: logX ? 'log' : 'linear',
      tickFormat: logX ? power : plain,
    },
    y: {
      label: null,
      type: log ? 'log' : 'linear',
      tickFormat: isWide ? power : log && !isNarrow ? '~g' : plain,
      ticks: 5,
      ...(domain && { domain: [...domain] }),
    },
    insetTop: 6,
    insetBottom: log ? 6 : 0,
    marks: [
      Plot.text([title], { frameAnchor: 'top-left', dx: -46, dy: -52, fontSize: 14, fontWeight: 'bold' }),
      Plot.text([`↑ ${y}`], { frameAnchor: 'top-left', dx: -46, dy: -28 }),
      ...series.flatMap(({ points, raw, band, dashed }, i) => {
        const stroke = colourOf(series[i]!, i);
        return [
          ...(raw ? [Plot.line(raw as [number, number][], { stroke, strokeOpacity: 0.25, strokeWidth: 1, clip })] : []),
          ...(band
            ? [Plot.areaY(band, { x: '0', y1: ([, low]: number[]) => lowest(low!), y2: '2', fill: stroke, fillOpacity: 0.2, clip })]
            : []),
          Plot.line(points as [number, number][], { stroke, strokeWidth: 2, clip, ...(dashed && { strokeDasharray: '5,4' }) }),
          ...(points.length <= 20 && !dashed ? [Plot.dot(points as [number, number][], { fill: stroke, r: 2.5 })] : []),
        ];
      }),
      Plot.dot(dots as [number, number][], { fill: 'black', stroke: 'white', strokeWidth: 0.75, r: 3 }),
      ...labels.map(({ name, i, end, at }) =>
        Plot.text([[end[0], at]], { text: [name], fill: colourOf(series[i]!, i), textAnchor: 'start', dx: 8, fontWeight: 'bold' }),
      ),
    ],
  };
}

/** A number as people write it: `1,500`. */
const plain = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 6 }).replace('-', '−');

/** The powers of ten among some numbers. */
function powersOfTen(values: readonly number[]): number[] {
  const [low, high] = [Math.ceil(Math.log10(Math.min(...values))), Math.floor(Math.log10(Math.max(...values)))];
  return Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
}

/** Powers of ten as powers, `10⁻⁶`, and nothing between them. */
function power(value: number): string {
  const exponent = Math.round(Math.log10(value));
  if (Math.abs(Math.log10(value) - exponent) > 1e-9) return '';
  if (exponent >= -1 && exponent <= 1) return String(value);
  return `10${[...String(exponent)].map((digit) => (digit === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)])).join('')}`;
}

const colourOf = ({ dashed }: Series, i: number): string => (dashed ? '#666666' : COLOURS[i % COLOURS.length]!);

/** Moves the names of lines that end close together apart, so that all can be read: by a twentieth of the height at least. */
function spreadOut(
  series: readonly Series[],
  log: boolean,
  domain: readonly number[] | undefined,
): { name: string; i: number; end: Point; at: number }[] {
  const scale = log ? Math.log : (y: number) => y;
  const back = log ? Math.exp : (y: number) => y;
  const heights = series.flatMap(({ points, raw = [], band = [] }) =>
    [...points, ...raw].map(([, y]) => scale(y)).concat(band.flatMap(([, low, high]) => [scale(low), scale(high)])),
  );
  const finite = domain?.map(scale) ?? heights.filter(Number.isFinite);
  const apart = (finite.reduce((a, b) => Math.max(a, b)) - finite.reduce((a, b) => Math.min(a, b))) / 18;
  let last = -Infinity;
  const placed = series
    .map(({ name, points }, i) => ({ name, i, end: points.at(-1)! }))
    .sort((a, b) => a.end[1] - b.end[1])
    .map((label) => {
      last = Math.max(scale(label.end[1]), last + apart);
      return { ...label, at: last };
    });
  // Where the axis ends below the last name, all move down.
  const above = domain ? Math.max(0, last - scale(domain[1]!)) : 0;
  return placed.map((label) => ({ ...label, at: back(label.at - above) }));
}

/** A moving average: the mean of the last `window` numbers, at every `step`-th of them. */
export function smooth(values: readonly number[], window: number, step: number): Point[] {
  return Array.from({ length: Math.ceil(values.length / step) }, (_, i) => {
    const end = Math.min(values.length, (i + 1) * step);
    const part = values.slice(Math.max(0, end - window), end);
    return [end, part.reduce((a, b) => a + b, 0) / part.length] as const;
  });
}

/** A confusion matrix as a heat map with the numbers in it: how often each true class (row) was predicted as each class (column). */
export function heatMap(counts: readonly (readonly number[])[], { title, x, y }: Pick<Axes, 'title' | 'x' | 'y'>): Plot.PlotOptions {
  const cells = counts.flatMap((row, right) =>
    row.map((count, taken) => ({ right, taken, count, share: count / row.reduce((a, b) => a + b, 0) })),
  );
  return {
    width: 520,
    height: 540,
    marginTop: 70,
    marginLeft: 50,
    x: { label: x, axis: 'top', tickSize: 0, labelAnchor: 'center', labelOffset: 32 },
    y: { label: y, tickSize: 0, labelAnchor: 'center' },
    // Mistakes are few; the square root of their share of a row makes their shades visible.
    color: { type: 'sqrt', domain: [0, 1], scheme: 'Blues' },
    marks: [
      Plot.text([title], { frameAnchor: 'top-left', dx: -40, dy: -62, fontSize: 14, fontWeight: 'bold' }),
      Plot.cell(cells, { x: 'taken', y: 'right', fill: 'share', inset: 0.5 }),
      Plot.text(cells, {
        x: 'taken',
        y: 'right',
        text: ({ count }: { count: number }) => (count === 0 ? '' : String(count)),
        fill: ({ share }: { share: number }) => (share > 0.25 ? 'white' : 'black'),
      }),
    ],
  };
}

/** An image of `side × side` grey values from 0 to 1, or from −1 to 1 in blue and red, and the text beneath it. */
export interface Captioned {
  readonly pixels: ArrayLike<number>;
  readonly caption: string;
  readonly colour: string;
}

const SHADES = 6;

/** Small images in rows, each with its caption. Neighbouring pixels of one shade are one rectangle, which keeps the file small. */
export function gallery(
  images: readonly Captioned[],
  { title, columns = 8, side = 28 }: { title: string; columns?: number; side?: number },
): Plot.PlotOptions {
  const room = side + 20;
  const rows = Math.ceil(images.length / columns);
  const runs = images.flatMap(({ pixels }, i) => {
    const [left, top] = [(i % columns) * room + (room - side) / 2, Math.floor(i / columns) * room];
    const found: { x1: number; x2: number; y1: number; y2: number; fill: string }[] = [];
    const isSigned = Array.prototype.some.call(pixels, (value) => value < 0);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; ) {
        const shade = Math.round(pixels[y * side + x]! * SHADES);
        const start = x;
        while (x < side && Math.round(pixels[y * side + x]! * SHADES) === shade) x++;
        if (shade !== 0) found.push({ x1: left + start, x2: left + x, y1: top + y, y2: top + y + 1, fill: colourOfShade(shade, isSigned) });
      }
    }
    return found;
  });
  const captions = images.map(({ caption, colour }, i) => ({
    x: (i % columns) * room + room / 2,
    y: Math.floor(i / columns) * room + side + 4,
    caption,
    colour,
  }));
  const unit = 2;
  return {
    width: columns * room * unit + 48,
    height: rows * room * unit + 60,
    margin: 24,
    marginTop: 36,
    x: { axis: null, domain: [0, columns * room] },
    y: { axis: null, domain: [rows * room, 0] },
    marks: [
      Plot.text([title], { frameAnchor: 'top-left', dy: -26, fontSize: 14, fontWeight: 'bold' }),
      Plot.rect(runs, { x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2', fill: 'fill' }),
      Plot.text(captions, { x: 'x', y: 'y', text: 'caption', fill: 'colour', fontSize: 11 }),
    ],
  };
}

/** Grey for an image; in one with negative values, blue for these and red for the others. */
function colourOfShade(shade: number, isSigned: boolean): string {
  const pale = Math.round(255 * (1 - Math.abs(shade) / SHADES))
    .toString(16)
    .padStart(2, '0');
  if (!isSigned) return `#${pale.repeat(3)}`;
  return shade > 0 ? `#ff${pale.repeat(2)}` : `#${pale.repeat(2)}ff`;
}
