/** Names of what puts tensors into files. */

import type { Sequential, Tensor } from 'tapegrad';
import {
  exportONNX,
  fromPyTorch,
  load,
  loadTensors,
  readJson,
  readNpy,
  readNpz,
  readSafetensors,
  save,
  saveTensors,
  toPyTorch,
  writeJson,
  writeNpy,
  writeNpz,
  writeSafetensors,
} from 'tapegrad/io';

import type { Section } from './row.ts';

declare const model: Sequential;
declare const x: Tensor;
declare const tensors: Record<string, Tensor>;
declare const bytes: Uint8Array;
declare const text: string;

export const files: readonly Section[] = [
  {
    title: 'Files',
    rows: [
      [
        () => [save(model, 'model.safetensors'), load(model, 'model.safetensors'), loadTensors('model.npz')],
        "torch.save(model.state_dict(), 'model.pt'), model.load_state_dict(torch.load('model.pt'))",
        'orbax.checkpoint',
        "numpy.savez('model.npz', **arrays), numpy.load('model.npz')",
        "model.save('indexeddb://model'), tf.loadLayersModel('indexeddb://model')",
        'whole or not at all; `.safetensors`, `.npz` or `.json`',
      ],
      [
        () => load(model, 'model.npz', { names: { 'layers.0.weight': 'fc1.weight' }, partial: true }),
        'model.load_state_dict(renamed, strict=False)',
        '',
        '',
        'model.loadWeights(weights, false)',
        'what is missing and left over is returned',
      ],
      [() => saveTensors(tensors, 'tensors.safetensors'), "safetensors.torch.save_file(tensors, 'tensors.safetensors')", '', '', ''],
      [
        () => [toPyTorch(model), fromPyTorch(model, tensors)],
        'model.state_dict(), model.load_state_dict(tensors)',
        '',
        '',
        '',
        'by the names and in the layouts of `torch.nn`: [pytorch.md](pytorch.md)',
      ],
      [
        () => [writeSafetensors(tensors), readSafetensors(bytes)],
        'safetensors.torch.save(tensors), safetensors.torch.load(data)',
        'safetensors.flax.save(tensors)',
        'safetensors.numpy.save(tensors)',
        '',
      ],
      [
        () => exportONNX(model, x),
        "torch.onnx.export(model, x, 'model.onnx')",
        'jax2onnx.to_onnx(model, [x])',
        '',
        '',
        'the size of the batch stays free unless `fixed` says so',
      ],
      [() => [writeNpy(x), readNpy(bytes)], '', 'jnp.save(file, x), jnp.load(file)', 'numpy.save(file, x), numpy.load(file)', ''],
      [() => [writeNpz(tensors), readNpz(bytes)], '', 'jnp.savez(file, **arrays)', 'numpy.savez(file, **arrays), numpy.load(file)', ''],
      [() => [writeJson(tensors), readJson(text)], '', '', '', '', 'exact, for tiny models'],
    ],
  },
];
