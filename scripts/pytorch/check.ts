/**
 * Models from here in a real PyTorch, for whoever has one: `node --import tsx scripts/pytorch/check.ts [python]`. Each is written as a state dict, with
 * inputs and what a step of training makes of it; `layers.py` loads it strictly, makes the same step, and compares.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualSeed, type Tensor } from 'tapegrad';
import { loadTensors, saveTensors, toPyTorch } from 'tapegrad/io';
import { cases, trained } from './layers.ts';

const folder = mkdtempSync(join(tmpdir(), 'tapegrad-pytorch-'));
try {
  const golden = await loadTensors('test/golden/pytorch.safetensors');
  manualSeed(1);
  for (const [name, make] of Object.entries(cases)) {
    const written = make('float64');
    const inputs = [0, 1, 2].flatMap((i) => golden.get(`float64/${name}/x${i}`) ?? []);
    // Layers with running statistics have seen a batch.
    const target = golden.get(`float64/${name}/target`)!;
    trained(written, inputs, target);
    const state = (when: string) => [...toPyTorch(written.model)].map(([key, x]) => [`${when}/${key}`, x] as const);
    const before = state('before');
    const { y, z } = trained(written, inputs, target);
    const numbered = inputs.map((x, i): readonly [string, Tensor] => [`x${i}`, x]);
    await saveTensors(
      new Map([...before, ...state('after'), ...numbered, ['y', y], ['z', z], ['target', target]]),
      join(folder, `${name}.safetensors`),
    );
  }
  execFileSync(process.argv[2] ?? 'python3', ['scripts/pytorch/layers.py', 'check', folder], { stdio: 'inherit' });
} finally {
  rmSync(folder, { recursive: true });
}
