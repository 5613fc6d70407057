/** Names of what reads and writes files. */

import type { Sequential, Tensor } from 'tapegrad';
import { fromPyTorch, load, loadTensors, readNpy, readNpz, save, saveTensors, toPyTorch, writeNpz } from 'tapegrad/io';
import type { Section } from './row.ts';

declare const model: Sequential;
declare const path: string;
declare const bytes: Uint8Array;
declare const tensors: Map<string, Tensor>;

export const files: readonly Section[] = [
  {
    title: 'Files',
    rows: [
      [
        () => save(model, path),
        'torch.save(model.state_dict(), path)',
        'orbax',
        '',
        "model.save('localstorage://m')",
        'whole or not at all',
      ],
      [() => load(model, path), 'model.load_state_dict(torch.load(path))', 'orbax', '', 'model.loadWeights(weights)'],
      [
        () => load(model, path, { names: { 'layers.0.weight': 'fc1.weight' }, partial: true }),
        'model.load_state_dict(renamed, strict=False)',
        '',
        '',
        'model.loadWeights(weights, false)',
        'what is missing and left over is returned',
      ],
      [
        () => [saveTensors(tensors, path), loadTensors(path)],
        'safetensors.torch.save_file, load_file',
        'safetensors.flax',
        'safetensors.numpy',
        '',
      ],
      [
        () => [toPyTorch(model), fromPyTorch(model, tensors)],
        'model.state_dict(), model.load_state_dict(tensors)',
        '',
        '',
        '',
        'by the names and in the layouts of `torch.nn`, see [pytorch.md](pytorch.md)',
      ],
      [() => [readNpy(bytes), readNpz(bytes), writeNpz({})], '', 'jnp.load, jnp.savez', 'np.load, np.savez', ''],
    ],
  },
];
