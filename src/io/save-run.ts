import { DataError, StateError, ValueError } from '../base/errors.ts';
import { boolean, extend, optional, quote, readOptions } from '../base/options.ts';
import { type LoadRunOptions, loadRunOptions, loadRunState } from '../training/load-run-state.ts';
import { checkRun, type Run } from '../training/run.ts';
import { type RunState, runState } from '../training/run-state.ts';
import { sha256 } from './cache.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import { putTogether, type Structure, takeApart } from './structure.ts';
import { isMissing, previousOf, readWhole, writeWhole } from './whole-files.ts';

/** The version of the form that is written, and the only one that is read. */
const VERSION = '1';

/** How the header begins: so the digest stands at one place, and can be of all other bytes. */
const BEGIN = '{"__metadata__":{"fileSha256":"';
const DIGEST = 8 + BEGIN.length;
const LENGTH = 64;
const NONE = '0'.repeat(LENGTH);

function checkPath(where: string, path: string | URL): void {
  if ((typeof path === 'string' || path instanceof URL) && String(path).endsWith('.safetensors')) return;
  throw new ValueError(
    `${where}: expected a path that ends in .safetensors, such as 'run.safetensors', got ${quote(path instanceof URL ? String(path) : path)}`,
  );
}

/**
 * Saves the whole state of a training, `runState(run)`, to one file, whole or not at all: after a crash the file is the old one or the new one. The one
 * before is kept beside it, under the name with `.previous`. `loadRun` goes on from it to the same bits.
 *
 * What is saved is the state at the call; the training may go on while it is written. The file is a safetensors file, with parameters and buffers under
 * `model.` and a SHA-256 of all of it.
 * @param path ends in `.safetensors`
 * @throws ValueError for another path, for what is no run, and for what it keeps that is no plain data; DataError where it cannot be written.
 * @example
 * import { DataLoader, Dataset } from 'tapegrad/datasets';
 * import { loadRun, saveRun } from 'tapegrad/io';
 * const path = `${process.env['TMPDIR'] ?? '/tmp'}/tapegrad-run-${process.pid}.safetensors`;
 * const make = () => {
 *   const model = new Sequential(new Linear(1, 4, { seed: 1 }), new Dropout(0.5), new Linear(4, 1, { seed: 2 }));
 *   const data = new DataLoader(new Dataset(Tensor.arange(8).reshape([8, 1]), Tensor.arange(8)), { batchSize: 2, shuffle: true });
 *   const loss = ([x, y]: [Tensor, Tensor]) => mseLoss(model.forward(x), y.unsqueeze(1));
 *   return new Run({ model, optimizer: new Adam(model), data, loss, random: new Random(3), keep: { losses: [] as number[] } });
 * };
 * const [run, again] = [make(), make()]; // the second in another process, say
 * for await (const { step, loss } of train(run, { epochs: 3 })) {
 *   run.keep.losses.push(loss);
 *   if (step === 5) await saveRun(run, path);
 * }
 * await loadRun(again, path);
 * for await (const { loss } of train(again, { epochs: 3 })) again.keep.losses.push(loss);
 * again.keep.losses // => run.keep.losses
 */
export async function saveRun(run: Run, path: string | URL): Promise<void> {
  checkPath('saveRun', path);
  checkRun('saveRun', run);
  await writeWhole(path, bytesOf(takeApart(runState(run) as never)));
}

/** A safetensors file with its own digest. */
async function bytesOf({ text, tensors }: Structure): Promise<Uint8Array> {
  const bytes = writeSafetensors(tensors, { metadata: { fileSha256: NONE, tapegrad: 'run', version: VERSION, state: text } });
  const digest = await sha256(bytes);
  if (digest) new TextEncoder().encodeInto(digest, bytes.subarray(DIGEST));
  return bytes;
}

/** Options of `loadRun`. */
export interface LoadRunFileOptions extends LoadRunOptions {
  /** Whether there may be no file: then the run stays at its beginning. Default false. */
  readonly ifThere?: boolean;
}

/**
 * Gives a run, made as the one that was saved, its whole state, as `loadRunState` does; all of it or, where anything does not fit, nothing. `train` goes on
 * from there to the same bits.
 *
 * @param path ends in `.safetensors`
 * @returns whether there was a file
 * @throws StateError with all that does not fit; DataError for a file that is not there, not whole, or no run; ValueError for another path, for what is no
 *   run, and for options that are not known.
 * @example
 * import { loadRun } from 'tapegrad/io';
 * const model = new Linear(1, 1);
 * const run = new Run({ model, optimizer: new Adam(model), data: [Tensor.of([[1]])], loss: (x) => model.forward(x).sum() });
 * await loadRun(run, 'nowhere.safetensors', { ifThere: true }) // => false
 */
export async function loadRun(run: Run, path: string | URL, options?: LoadRunFileOptions): Promise<boolean> {
  checkPath('loadRun', path);
  const { ifThere, allowChanges } = readOptions<LoadRunFileOptions>('loadRun', options, loadRunFileOptions);
  checkRun('loadRun', run);
  let bytes: Uint8Array;
  try {
    bytes = await readWhole(path);
  } catch (error) {
    if (ifThere && isMissing(error)) return false;
    throw error;
  }
  const state = await stateIn(bytes, path);
  try {
    loadRunState(run, state, { allowChanges });
  } catch (error) {
    throw error instanceof StateError ? new StateError(`${String(path)}: ${error.message}`, { cause: error }) : error;
  }
  return true;
}

const loadRunFileOptions = /* @__PURE__ */ extend(loadRunOptions, { ifThere: /* @__PURE__ */ optional(boolean, false) });

/** The state in the bytes of a file, if these are all as they were written. */
async function stateIn(bytes: Uint8Array, path: string | URL): Promise<RunState> {
  const file = String(path);
  const { tensors, metadata } = readSafetensors(bytes, file);
  const [state, version] = [metadata.get('state'), metadata.get('version')];
  if (metadata.get('tapegrad') !== 'run' || state === undefined)
    throw new DataError(
      `${file}: expected a file of saveRun, got one of tensors alone; for a model without its training write load(model, path)`,
    );
  if (version !== VERSION)
    throw new DataError(
      `${file}: expected version ${VERSION} of the file of a run, got ${quote(version)}; it is of another version of tapegrad`,
    );
  const digest = await digestOf(bytes);
  if (digest === undefined || metadata.get('fileSha256') !== digest)
    throw new DataError(
      `${file}: has another SHA-256 than it had when it was written; it is damaged; the one before is ${String(previousOf(path))}`,
    );
  return putTogether({ text: state, tensors }, file) as unknown as RunState;
}

/** The SHA-256 that a file should have, as far as one can know here; `undefined` where the one that it has is not where it is written. */
async function digestOf(bytes: Uint8Array): Promise<string | undefined> {
  const place = bytes.subarray(DIGEST, DIGEST + LENGTH);
  const [begin, written] = [bytes.subarray(8, DIGEST), place].map((part) => new TextDecoder().decode(part));
  if (begin !== BEGIN) return undefined;
  // Where it was written nobody could compute it, as on pages that are not served securely.
  if (written === NONE) return NONE;
  place.fill(0x30);
  return (await sha256(bytes)) ?? written;
}
