/** The size of a whole program, and the time of importing the package and of the first training step. */

import { execFileSync, spawnSync } from 'node:child_process';

export interface Program {
  /** Minified and compressed, in bytes. */
  readonly size: number;
  /** In milliseconds, the median of some fresh processes. */
  readonly importing: number;
  readonly firstStep: number;
}

const SCRIPT = `
const start = performance.now();
const { Linear, Sequential, Sigmoid, SGD, SoftmaxCrossEntropy, Tensor } = await import('./dist/index.js');
const imported = performance.now();
const model = new Sequential(new Linear(784, 300, { seed: 1 }), new Sigmoid(), new Linear(300, 10, { seed: 2 }));
const optimizer = new SGD(model, { learningRate: 0.1 });
const criterion = new SoftmaxCrossEntropy();
const x = Tensor.zeros([64, 784]);
const y = Tensor.zeros([64], 'int32');
const before = performance.now();
optimizer.minimize(() => criterion.forward(model.forward(x), y));
console.log(JSON.stringify([imported - start, performance.now() - before]));
`;

export function measureProgram(): Program {
  const times = Array.from({ length: 11 }, () => {
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', SCRIPT], { encoding: 'utf8' });
    return JSON.parse(stdout) as [number, number];
  });
  const middle = (which: 0 | 1) => times.map((pair) => pair[which]).sort((a, b) => a - b)[5]!;
  const sizes = JSON.parse(execFileSync('npx', ['size-limit', '--json'], { encoding: 'utf8' })) as { name: string; size: number }[];
  return { size: sizes.find(({ name }) => name.startsWith('README'))!.size, importing: middle(0), firstStep: middle(1) };
}
