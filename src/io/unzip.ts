/** Bytes as they come, unzipped where they are gzip, and no more of them than a file is known to have. */

import { DataError } from '../base/errors.ts';

/**
 * How many bytes a file has, as far as the bytes at its beginning tell: where they are too few, how many are needed to tell more.
 */
export type SizeOf = (beginning: Uint8Array) => number;

type Reader = ReadableStreamDefaultReader<Uint8Array>;

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * The contents of a file: the bytes themselves, or unzipped.
 * @throws DataError for gzip that is truncated or corrupt.
 */
export const unzip = async (bytes: Uint8Array, file: string, sizeOf: SizeOf): Promise<Uint8Array> =>
  isGzip(bytes) ? readUnzipped(new Blob([bytes as Uint8Array<ArrayBuffer>]).stream(), file, sizeOf) : bytes;

/**
 * The contents of a file that comes as a stream, which may be gzip. If it is longer than it should be, reading ends soon after that size.
 * @throws DataError for gzip that is truncated or corrupt; whatever the stream raises.
 */
export async function readUnzipped(stream: ReadableStream<Uint8Array>, file: string, sizeOf: SizeOf): Promise<Uint8Array> {
  const reader = stream.getReader();
  const head = await read(reader, () => 1);
  let failure: { error: unknown } | undefined;
  const whole = resumed(reader, head, (error) => {
    failure = { error };
  });
  const contents = (
    isGzip(head) ? whole.pipeThrough(new DecompressionStream('gzip') as ReadableWritablePair<Uint8Array, Uint8Array>) : whole
  ).getReader();
  try {
    return await read(contents, sizeOf);
  } catch (error) {
    throw failure ? failure.error : new DataError(`${file}: expected gzip, which is truncated or corrupt: ${String(error)}`);
  } finally {
    // What is not read is not waited for.
    contents.cancel().catch(() => {});
  }
}

/** Reads to the end, or until there is more than there should be. */
async function read(reader: Reader, sizeOf: SizeOf): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let [length, size] = [0, 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return joined(chunks, length);
    chunks.push(value);
    length += value.length;
    if (length <= size) continue;
    const all = joined(chunks, length);
    size = sizeOf(all);
    if (length > size) return all;
    chunks.splice(0, chunks.length, all);
  }
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** A stream of which the beginning was read already. */
const resumed = (reader: Reader, head: Uint8Array, failed: (error: unknown) => void): ReadableStream<Uint8Array> =>
  new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(head),
    async pull(controller) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        failed(error);
        throw error;
      });
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
