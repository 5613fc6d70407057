/** Files from the network, with an end to every wait. */

import { DataError } from '../base/errors.ts';
import { readUnzipped, type SizeOf } from './unzip.ts';

/** How to download. */
export interface DownloadOptions {
  /** Ends the download; what is thrown is its reason. */
  readonly signal: AbortSignal;
  /** How long the server may be silent, in milliseconds: before it answers, and within the file. */
  readonly timeout: number;
  /** What to do where there is no network, for errors. */
  readonly advice: string;
}

/** The longest wait that timers know. */
const LONGEST = 2 ** 31 - 1;

/**
 * The contents of the first file there is at one of some addresses, unzipped, and that address.
 * @throws DataError where there is none, and for a server that cannot be reached, falls silent, or cuts the connection, with the address;
 * the reason of the signal.
 */
export async function download(
  urls: readonly string[],
  sizeOf: SizeOf,
  options: DownloadOptions,
): Promise<{ bytes: Uint8Array; url: string }> {
  let missing = '';
  for (const url of urls) {
    const answer = await contentsOf(url, sizeOf, options);
    if (typeof answer !== 'string') return { bytes: answer, url };
    missing ||= answer;
  }
  throw new DataError(`${urls[0]}: expected the file, got ${missing}; nor is it at ${urls.slice(1).join(', ')}; ${options.advice}`);
}

/** The contents of a file, unzipped; if there is none, what the server says in its place. */
async function contentsOf(url: string, sizeOf: SizeOf, { signal, timeout, advice }: DownloadOptions): Promise<Uint8Array | string> {
  const ending = new AbortController();
  const end = () => ending.abort(signal.reason);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const listen = () => {
    clearTimeout(timer);
    const silent = () => ending.abort(new DataError(`${url}: nothing came for ${timeout / 1000} s; ${advice}`));
    timer = setTimeout(silent, Math.min(timeout, LONGEST));
  };
  signal.addEventListener('abort', end);
  let answered = false;
  try {
    signal.throwIfAborted();
    listen();
    const response = await fetch(url, { signal: ending.signal });
    answered = true;
    const missing = whatIsMissing(response);
    if (missing || !response.ok) await response.body?.cancel();
    if (missing) return missing;
    if (!response.ok) throw new DataError(`${url}: expected the file, got ${statusOf(response)}; ${advice}`);
    const heard = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        listen();
        controller.enqueue(chunk);
      },
    });
    return await readUnzipped((response.body ?? new Blob().stream()).pipeThrough(heard), url, sizeOf);
  } catch (error) {
    signal.throwIfAborted();
    // Engines clone the reason of an abort.
    if (ending.signal.aborted) throw ending.signal.reason;
    if (error instanceof DataError) throw error;
    const cause = (error as { cause?: unknown }).cause ?? error;
    throw new DataError(`${url}: ${answered ? 'the connection was cut' : 'cannot be reached'}: ${String(cause)}; ${advice}`);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

/** What a server says that has no such file; some answer with a page. Undefined where it has. */
function whatIsMissing(response: Response): string | undefined {
  if ([403, 404, 410].includes(response.status)) return statusOf(response);
  return response.ok && response.headers.get('content-type')?.startsWith('text/html') ? 'a page' : undefined;
}

const statusOf = ({ status, statusText }: Response): string => `status ${status} ${statusText}`.trim();
