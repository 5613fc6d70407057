/** The picture of the chapter on finite differences, drawn from the numbers that the chapter states laws about. */

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as Plot from '@observablehq/plot';
import { Resvg } from '@resvg/resvg-js';
import { parseHTML } from 'linkedom';
import { COLOURS } from '../../examples/lib/curves.ts';
import { grad, type Tensor } from '../../src/index.ts';
import { epsilon, pointsFrom, schemes, wave, worstError } from '../../test/book/measure.ts';

type Point = [step: number, error: number];

const fonts = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
const style = { background: 'white', fontFamily: 'DejaVu Sans, sans-serif', fontSize: '13px' };

/** A power of ten with its exponent raised: `10⁻⁸`. */
const power = (value: number): string => {
  const exponent = Math.round(Math.log10(value));
  return exponent === 0 ? '1' : `10${[...String(exponent)].map((sign) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(sign)]).join('')}`;
};

/** The picture as SVG and as PNG, by file name. */
export function draw(): Map<string, string | Uint8Array> {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const svg = Plot.plot({ ...picture(), document, style }) as unknown as SVGElement;
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  // Rounded to a thousandth of a pixel, so that the file does not depend on the last bits of logarithms.
  const text = `${svg.outerHTML.replaceAll(/\d+\.\d{4,}/g, (number) => String(Number(Number(number).toFixed(3))))}\n`;
  const font = {
    loadSystemFonts: false,
    fontFiles: ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) => join(fonts, file)),
    defaultFontFamily: 'DejaVu Sans',
  };
  const png = new Resvg(text, { font, background: 'white', fitTo: { mode: 'zoom', value: 2 } }).render().asPng();
  return new Map<string, string | Uint8Array>([
    ['finite-differences.svg', text],
    ['finite-differences.png', png],
  ]);
}

function picture(): Plot.PlotOptions {
  const x = pointsFrom(0);
  const steps = Array.from({ length: 49 }, (_, k) => 2 ** -k);
  const lines = schemes.map(({ name, order, measure }, i) => {
    const points = steps.map((h): Point => [h, worstError(measure(wave, x, h), x)]);
    const predicted = epsilon.float64 ** (1 / (order + 1));
    return { name, order, points, predicted, colour: COLOURS[[0, 5, 2][i]!]! };
  });
  const tape = worstError(grad((x: Tensor) => wave(x).sum())(x), x);
  const write = (at: Point, text: string, options: Plot.TextOptions) => Plot.text([at], { text: [text], fontWeight: 'bold', ...options });
  // Where the name of each line stands: below its right flank.
  const names: readonly (readonly [at: Point, text: string])[] = [
    [[1.6e-5, 2e-6], 'forward\nslope 1'],
    [[3.6e-4, 8e-9], 'central\nslope 2'],
    [[1.4e-2, 5e-11], 'Richardson\nslope 4'],
  ];
  return {
    width: 760,
    height: 520,
    marginTop: 64,
    marginLeft: 62,
    marginRight: 24,
    marginBottom: 52,
    x: {
      type: 'log',
      domain: [2 ** -48, 1],
      label: 'step h →',
      labelAnchor: 'right',
      labelOffset: 42,
      ticks: tens(-14, 0, 2),
      tickFormat: power,
    },
    y: { type: 'log', domain: [3e-17, 3], label: null, ticks: tens(-16, 0, 2), tickFormat: power },
    grid: true,
    marks: [
      Plot.text(['Measuring a slope: how the error depends on the step'], {
        frameAnchor: 'top-left',
        dx: -52,
        dy: -56,
        fontSize: 16,
        fontWeight: 'bold',
      }),
      Plot.text(['↑ largest relative error at 32 points, float64, of the slope of eˣ sin x'], {
        frameAnchor: 'top-left',
        dx: -52,
        dy: -30,
      }),
      Plot.line(
        [2 ** -48, 1].map((h): Point => [h, epsilon.float64 / h]),
        { stroke: '#888', strokeDasharray: '5 4', clip: true },
      ),
      write([3e-12, epsilon.float64 / 3e-12], 'rounding: ε/h, slope −1', { fill: '#555', textAnchor: 'start', dx: 12, dy: -8 }),
      Plot.ruleY([tape], { stroke: COLOURS[3]!, strokeWidth: 2 }),
      write([2 ** -48, tape], 'reverse mode: no step', { fill: '#a3477d', textAnchor: 'start', dx: 8, dy: -10 }),
      ...lines.flatMap(({ points, colour }) => [Plot.line(points, { stroke: colour, strokeWidth: 2 })]),
      ...lines.map(({ predicted, colour, order }) =>
        Plot.ruleX([predicted], { stroke: colour, strokeDasharray: '2 3', y1: 3e-17, y2: predicted ** order }),
      ),
      ...lines.map(({ predicted, order, colour }) =>
        write([predicted, 3e-17], `ε^(1/${order + 1})`, { fill: colour, textAnchor: 'start', dx: 5, dy: -10 }),
      ),
      ...names.map(([at, text], i) => write(at, text, { fill: lines[i]!.colour, textAnchor: 'start' })),
    ],
  };
}

/** Powers of ten. */
const tens = (from: number, to: number, by: number): number[] =>
  Array.from({ length: (to - from) / by + 1 }, (_, i) => Number(`1e${from + i * by}`));
