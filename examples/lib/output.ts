/** The command-line options of the examples, and where they write their figures and pictures. */

import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as Plot from '@observablehq/plot';
import { Resvg } from '@resvg/resvg-js';
import { parseHTML } from 'linkedom';
import { useThreads } from 'tapegrad';

const options = {
  quick: { type: 'boolean', default: false },
  epochs: { type: 'string' },
  seed: { type: 'string' },
  resume: { type: 'boolean', default: false },
  threads: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const usage = `options: --quick (a part of the data, in seconds)  --epochs N  --seed N  --resume (the main job only: saves as it goes, and goes on)  --threads N (computes with so many, to the same bits)`;

function readOptions(): { quick: boolean; epochs: number | undefined; seed: number; resume: boolean; threads: number | undefined } {
  try {
    const { values } = parseArgs({ options });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    if (values.resume && !/mnist\.ts$/.test(process.argv[1] ?? '')) throw new Error('--resume is an option of the main job, npm start');
    const { quick, resume } = values;
    const threads = whole('threads', values.threads, 1);
    return { quick, resume, epochs: whole('epochs', values.epochs, 1), seed: whole('seed', values.seed, 0) ?? 1, threads };
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    process.exit(2);
  }
}

function whole(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
  throw new Error(`--${name} expects a whole number from ${least}, got ${text}`);
}

const { threads, ...rest } = readOptions();
if (threads !== undefined) useThreads(threads);

/** The options: whether to use a part of the data only, how many epochs to train (undefined: the example's own number), the seed, and whether to resume. */
export const { quick, epochs, seed, resume } = rest;

/** Quick runs write to a folder of their own, so that they never overwrite the figures of full runs. */
const folder = join(dirname(fileURLToPath(import.meta.url)), '../out', quick ? 'quick' : '');

/** Where a training is saved while it goes on. */
export function checkpointOf(name: string): string {
  mkdirSync(folder, { recursive: true });
  return join(folder, `${name}-run.safetensors`);
}

/** Where a sweep keeps its journal and checkpoints. */
export const folderOf = (name: string): string => join(folder, name);

/** Removes it, and what kills left of it. */
export function removeCheckpoint(name: string): void {
  for (const file of readdirSync(folder)) if (file.startsWith(`${name}-run.safetensors`)) rmSync(join(folder, file));
}

/** Writes a file whole or not at all. */
function write(file: string, content: string | Uint8Array): void {
  mkdirSync(folder, { recursive: true });
  const draft = join(folder, `.${file}.part`);
  writeFileSync(draft, content);
  renameSync(draft, join(folder, file));
}

/** Writes a page, and returns a sentence that says where. */
export function savePage(name: string, text: string): string {
  write(`${name}.html`, text);
  return `The page is ${relative(process.cwd(), join(folder, name))}.html.`;
}

/** Writes figures as JSON: numbers rounded to eight digits, and NaN and infinities as words, since JSON has none. */
export function saveFigures(name: string, figures: object): void {
  const rounded = (_: string, value: unknown) => {
    if (typeof value !== 'number' || Number.isInteger(value)) return value;
    return Number.isFinite(value) ? Number(value.toPrecision(8)) : String(value);
  };
  // Short arrays on one line, as a person would write them.
  const text = JSON.stringify(figures, rounded, 2).replaceAll(
    /\[\s+([^[\]{}]{1,200}?)\s+\]/g,
    (_, items: string) => `[${items.replaceAll(/\s+/g, ' ')}]`,
  );
  write(`${name}.json`, `${text}\n`);
}

const fonts = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');
const style = { background: 'white', fontFamily: 'DejaVu Sans, sans-serif', fontSize: '12px' };

/** Writes a picture, or several side by side, as SVG and as PNG; the fonts of the PNG come from a package, since a machine may have none. */
export function savePicture(name: string, ...panels: readonly Plot.PlotOptions[]): void {
  const drawn = panels.map((panel) => {
    const { document } = parseHTML('<!doctype html><html><body></body></html>');
    const svg = Plot.plot({ ...panel, document, style }) as unknown as SVGElement;
    return { svg, width: Number(svg.getAttribute('width')), height: Number(svg.getAttribute('height')) };
  });
  const width = drawn.reduce((sum, panel) => sum + panel.width, 0);
  const height = Math.max(...drawn.map((panel) => panel.height));
  let x = 0;
  const placed = drawn.map(({ svg, width }) => {
    svg.setAttribute('x', String(x));
    x += width;
    return svg.outerHTML;
  });
  const text = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${placed.join('')}</svg>\n`;
  write(`${name}.svg`, text);
  const font = {
    loadSystemFonts: false,
    fontFiles: ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) => join(fonts, file)),
    defaultFontFamily: 'DejaVu Sans',
  };
  write(`${name}.png`, new Resvg(text, { font, background: 'white', fitTo: { mode: 'zoom', value: 2 } }).render().asPng());
}
