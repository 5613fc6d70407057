/** The bits of tensors in a few letters: SHA-256 by WebCrypto, which every engine has. */

import type { Tensor } from 'tapegrad';

/**
 * The numbers of a tensor, byte for byte, little-endian on every machine. All NaNs become one: which of its many bit patterns a NaN has,
 * JavaScript leaves to the engine, and can even change it while copying.
 */
export function bitsOf({ data, dtype }: Tensor): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(data.length * data.BYTES_PER_ELEMENT);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < data.length; i++) {
    const x = data[i]!;
    if (dtype === 'int32') view.setInt32(4 * i, x, true);
    else if (dtype === 'float32') {
      if (x === x) view.setFloat32(4 * i, x, true);
      else view.setUint32(4 * i, 0x7fc00000, true);
    } else if (x === x) view.setFloat64(8 * i, x, true);
    else view.setUint32(8 * i + 4, 0x7ff80000, true);
  }
  return bytes;
}

/** SHA-256, in hexadecimal. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** One hash over several. */
export const hashOf = (hashes: readonly string[]): Promise<string> => sha256(new TextEncoder().encode(hashes.join('\n')));

/** One hash over the bits of tensors, each hashed as it comes so that not all have to be kept. */
export async function digest(tensors: Iterable<Tensor>): Promise<string> {
  const hashes: string[] = [];
  for (const tensor of tensors) hashes.push(await sha256(bitsOf(tensor)));
  return hashOf(hashes);
}
