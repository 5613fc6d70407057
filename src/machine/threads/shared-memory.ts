/** Memory that threads share, and kernels over it. */

import { type Code, unsigned } from '../wasm/assembler.ts';

const PAGE = 65536;

/** How many pages a memory may grow to; a host that has no room for so much address space gets half, or a quarter. */
const MOST_PAGES = 32767;

/** A shared memory of at least so many bytes, or the reason why there is none. */
export function makeSharedMemory(bytes: number): WebAssembly.Memory | string {
  let reason = '';
  for (const share of [1, 2, 4]) {
    try {
      return new WebAssembly.Memory({ initial: bytes / PAGE, maximum: Math.floor(MOST_PAGES / share), shared: true });
    } catch (error) {
      reason = `there is no memory to share: ${error}`;
    }
  }
  return reason;
}

/**
 * A module as `assemble` makes it, that imports a shared memory instead. Its second section says what it imports: the length of the section, how many
 * imports, two names, what it is, a memory of one page at least.
 */
export function overSharedMemory(module: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  // Eight bytes of magic and version; the type section, with its length, seven bits a byte; the import section, with its length.
  let [start, length] = [9, 0];
  for (let bits = 0; ; bits += 7) {
    const byte = module[start++]!;
    length += (byte & 127) << bits;
    if (byte < 128) break;
  }
  const section = start + length;
  const at = section + 2 + 1 + 'host'.length + 1 + 'memory'.length + 2;
  const [plain, shared] = [
    [0, 1],
    [3, 1, ...bytesOf(unsigned(MOST_PAGES))],
  ];
  return Uint8Array.from([
    ...module.subarray(0, section + 1),
    module[section + 1]! + shared.length - plain.length,
    ...module.subarray(section + 2, at),
    ...shared,
    ...module.subarray(at + plain.length),
  ]);
}

const bytesOf = (code: Code): number[] => [code].flat(8) as number[];
