/** The third front door, `tapegrad/io`: models and tensors in files. */

export { readJson, writeJson } from './model-json.ts';
export { readNpy, writeNpy } from './npy.ts';
export { type NpzOptions, readNpz, writeNpz } from './npz.ts';
export { type Exportable, exportONNX, type ONNXOptions } from './onnx/export-onnx.ts';
export type { Placed, PlacingOptions } from './placing.ts';
export { fromPyTorch, toPyTorch } from './pytorch.ts';
export { readSafetensors, type Safetensors, type SafetensorsOptions, writeSafetensors } from './safetensors.ts';
export { load, loadTensors, save, saveTensors } from './save.ts';
export { type LoadRunFileOptions, loadRun, saveRun } from './save-run.ts';
