/**
 * Images as kernels of convolutions read them: with the zeros beyond their edges, and with those columns next to each other that neighbouring windows
 * see. All are volumes here; images have one plane.
 */

import type { FloatData } from '../../base/dtype.ts';

/** Fewer numbers than this are copied faster by a loop than through a view. */
const FEW = 32;

/** Windows along an axis: the size of the image, and the number of windows. */
export interface WindowAxis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
  readonly count: number;
}

/** Something for each axis: planes, rows, columns. */
export type Triad<T> = readonly [T, T, T];

/** An axis of a frame: where in its length the image of so many elements begins. All else lies beyond its edges. */
export interface FrameAxis {
  readonly size: number;
  readonly offset: number;
  readonly length: number;
}

/** How the channels of images are laid out. */
export interface Frame {
  readonly axes: Triad<FrameAxis>;
  /** Columns are sorted by their remainder by this, which is the stride of windows; `pitch` columns have the same. */
  readonly phases: number;
  readonly pitch: number;
  /** How many numbers a row and a channel take. */
  readonly row: number;
  readonly channel: number;
}

/** A frame with rows of `pitch` columns for each of the phases. */
export function frameOf(axes: Triad<FrameAxis>, phases = 1, pitch = axes[2].length): Frame {
  const row = phases * pitch;
  return { axes, phases, pitch, row, channel: axes[0].length * axes[1].length * row };
}

/** A frame for lines of `extent` windows: the image itself where that is possible. */
export function frameOfWindows(axes: Triad<WindowAxis>, extent: number): Frame {
  const across = axes[2];
  const isWithin = ({ size, kernel, stride, padding, dilation, count }: WindowAxis): boolean =>
    padding === 0 && (count - 1) * stride + (kernel - 1) * dilation < size;
  if (axes.every(isWithin) && across.stride === 1 && extent === across.count)
    return frameOf(axes.map(({ size }) => ({ size, offset: 0, length: size })) as unknown as Triad<FrameAxis>);
  const [planes, rows, columns] = axes.map(({ size, kernel, stride, padding, dilation, count }) => ({
    size,
    offset: padding,
    length: (count - 1) * stride + (kernel - 1) * dilation + 1,
  })) as unknown as Triad<FrameAxis>;
  const pitch = Math.floor(((across.kernel - 1) * across.dilation) / across.stride) + extent;
  return frameOf([planes, rows, { ...columns, length: pitch * across.stride }], across.stride, pitch);
}

/** Where in a channel of a frame the elements of windows are, from the first window on. */
export const elementsIn = ({ axes: [, rows], phases, pitch, row }: Frame, [z, y, x]: Triad<WindowAxis>): number[] =>
  places(z.kernel, y.kernel, x.kernel, (k, i, j) => {
    const column = j * x.dilation;
    return (k * z.dilation * rows.length + i * y.dilation) * row + (column % phases) * pitch + Math.floor(column / phases);
  });

/** Where in a channel of a frame the lines of windows begin. */
export const linesIn = ({ axes: [, rows], row }: Frame, [z, y]: Triad<WindowAxis>): number[] =>
  places(z.count, y.count, 1, (k, i) => (k * z.stride * rows.length + i * y.stride) * row);

/** A number for each place in a box, in row-major order. */
export function places(planes: number, rows: number, columns: number, of: (k: number, i: number, j: number) => number): number[] {
  const found: number[] = [];
  for (let k = 0; k < planes; k++) for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) found.push(of(k, i, j));
  return found;
}

/** Whether a channel of a frame is an image and nothing else. */
export const isImage = ({ phases, axes }: Frame): boolean =>
  phases === 1 && axes.every(({ size, offset, length }) => offset === 0 && size === length);

/** Copies so many channels, from the channel `first` on. Beyond the edges there is `beyond`. */
export function fillFrame(to: FloatData, frame: Frame, channels: FloatData, first: number, count: number, beyond = 0): void {
  if (isImage(frame)) {
    to.set(channels.subarray(first * frame.channel, (first + count) * frame.channel));
    return;
  }
  to.fill(beyond);
  eachRow(frame, first, count, (at, from) => copyRow(to, at, frame, channels, from));
}

/** Fills frames with so many channels of something, from the channel `first` on. */
export type Fill = (to: FloatData, frame: Frame, first: number, count: number) => void;

/** Channels as they are. */
export const channelsOf =
  (channels: FloatData): Fill =>
  (to, frame, first, count) =>
    fillFrame(to, frame, channels, first, count);

/** A frame for lines of so many numbers, each followed by zeros up to a length. */
export const frameOfLines = (lines: number, columns: number, length = columns): Frame =>
  frameOf([
    { size: 1, offset: 0, length: 1 },
    { size: lines, offset: 0, length: lines },
    { size: columns, offset: 0, length },
  ]);

/** Copies so many channels back to those from `first` on. What no window sees is left as it is. */
export function takeFrame(from: FloatData, frame: Frame, channels: FloatData, first: number, count: number): void {
  if (isImage(frame)) channels.set(from, first * frame.channel);
  else eachRow(frame, first, count, (at, to) => copyRowBack(from, at, frame, channels, to));
}

/** Visits the rows of the image that are in the frame: where each is in it, and in the channels. */
function eachRow(frame: Frame, first: number, count: number, visit: (at: number, from: number) => void): void {
  const [planes, rows, columns] = frame.axes;
  const [depth, height] = [within(planes), within(rows)];
  for (let channel = 0; channel < count; channel++) {
    for (let plane = 0; plane < depth; plane++) {
      const from = ((first + channel) * planes.size + plane) * rows.size * columns.size;
      const at = channel * frame.channel + ((plane + planes.offset) * rows.length + rows.offset) * frame.row;
      for (let row = 0; row < height; row++) visit(at + row * frame.row, from + row * columns.size);
    }
  }
}

/** How many elements of the image are in the frame: what no window sees is left out. */
const within = ({ size, offset, length }: FrameAxis): number => Math.min(size, length - offset);

function copyRow(to: FloatData, at: number, { axes, phases, pitch }: Frame, channels: FloatData, from: number): void {
  const columns = axes[2];
  const count = within(columns);
  if (phases === 1) {
    const start = at + columns.offset;
    if (count > FEW) to.set(channels.subarray(from, from + count), start);
    else for (let i = 0; i < count; i++) to[start + i] = channels[from + i]!;
    return;
  }
  for (let first = 0; first < phases; first++) {
    const column = first + columns.offset;
    let place = at + (column % phases) * pitch + Math.floor(column / phases);
    for (let i = first; i < count; i += phases) to[place++] = channels[from + i]!;
  }
}

function copyRowBack(from: FloatData, at: number, { axes, phases, pitch }: Frame, channels: FloatData, to: number): void {
  const columns = axes[2];
  const count = within(columns);
  for (let first = 0; first < phases; first++) {
    const column = first + columns.offset;
    let place = at + (column % phases) * pitch + Math.floor(column / phases);
    for (let i = first; i < count; i += phases) channels[to + i] = from[place++]!;
  }
}
