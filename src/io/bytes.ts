/** What counts as bytes. */

import { quote } from '../base/options.ts';

/** Whether something is a `Uint8Array`, of another realm too, as those that come from an iframe. */
export const isBytes = (x: unknown): x is Uint8Array =>
  ArrayBuffer.isView(x) && Object.prototype.toString.call(x) === '[object Uint8Array]';

/** What came in the place of bytes, and what to write where that is known. */
export const insteadOfBytes = (x: unknown): string =>
  Object.prototype.toString.call(x) === '[object ArrayBuffer]' ? 'an ArrayBuffer; write new Uint8Array(buffer)' : quote(x);
