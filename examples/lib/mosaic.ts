/** Many small grey images as one picture. */

import { crc32, deflateSync } from 'node:zlib';
import * as Plot from '@observablehq/plot';

/** Square images in rows, from 0, white, to 1, black, with a name beside each row. They are one image within the picture, which keeps the file small. */
export function mosaic(
  images: readonly ArrayLike<number>[],
  {
    title,
    columns,
    side = 28,
    gap = 2,
    rows: names = [],
  }: { title: string; columns: number; side?: number; gap?: number; rows?: string[] },
): Plot.PlotOptions {
  const pitch = side + gap;
  const [width, height] = [columns * pitch, Math.ceil(images.length / columns) * pitch];
  const grey = new Uint8Array(width * height).fill(255);
  images.forEach((pixels, i) => {
    const corner = Math.floor(i / columns) * pitch * width + (i % columns) * pitch;
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const ink = Math.min(1, Math.max(0, pixels[y * side + x]!));
        grey[corner + y * width + x] = Math.round(255 * (1 - ink));
      }
    }
  });
  const unit = 1.5;
  const margin = {
    marginTop: 36,
    marginRight: 16,
    marginBottom: 12,
    marginLeft: 16 + 8 * Math.max(0, ...names.map((name) => name.length)),
  };
  const src = `data:image/png;base64,${Buffer.from(png(width, height, grey)).toString('base64')}`;
  return {
    ...margin,
    width: width * unit + margin.marginLeft + margin.marginRight,
    height: height * unit + margin.marginTop + margin.marginBottom,
    x: { axis: null, domain: [0, width] },
    y: { axis: null, domain: [height, 0] },
    marks: [
      Plot.text([title], { frameAnchor: 'top-left', dx: 16 - margin.marginLeft, dy: -26, fontSize: 14, fontWeight: 'bold' }),
      Plot.image([[width / 2, height / 2]], { src: () => src, width: width * unit, height: height * unit, preserveAspectRatio: 'none' }),
      ...names.map((name, row) =>
        Plot.text([[0, row * pitch + side / 2]], { text: [name], textAnchor: 'end', dx: -8, fontWeight: 'bold' }),
      ),
    ],
  };
}

/** An image of one byte a pixel as a PNG (ISO/IEC 15948). */
function png(width: number, height: number, grey: Uint8Array): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  // Each row begins with the number of its filter, 0 for none.
  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) lines.set(grey.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(lines, { level: 9 })),
    chunk('IEND', new Uint8Array()),
  ]);
}

/** Its length, its type, what it holds, and a checksum of the last two. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}
