/** Running statistics of layers that normalize. */

import { StateError } from '../base/errors.ts';
import type { Statistics } from '../functions/nn/normalization.ts';
import type { Buffer } from '../tensor/buffer.ts';

/** Means and variances of channels, and of how many batches they are: int32 `[]`. */
export interface RunningStatistics {
  readonly runningMean: Buffer;
  readonly runningVariance: Buffer;
  readonly batches: Buffer;
}

/** A layer by its class, and its place in a model where an optimizer told it. */
export function placeOf(where: string, { batches }: RunningStatistics): string {
  const path = batches.path?.replace(/\.?batches$/, '');
  return path ? `${where} ${path}` : where;
}

/**
 * The running statistics.
 * @throws StateError before any batch was taken in.
 */
export function statisticsOf(where: string, layer: RunningStatistics): Statistics {
  if (layer.batches.value.item() > 0) return { mean: layer.runningMean.value, variance: layer.runningVariance.value };
  throw new StateError(
    `${placeOf(where, layer)}: has seen no batch, so there are no running statistics to normalize by; train it, or run batches through it within ` +
      'training(f), or load a state dict',
  );
}
