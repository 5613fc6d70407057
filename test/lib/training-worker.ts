/** The module of a worker, for `test/training/worker.test.ts`. */

import { Linear, mseLoss, SGD, ShapeError, serveTraining, stateDict, Tensor, train } from '../../src/index.ts';

serveTraining(
  async ({ epochs, x, y, fail, hang }: { epochs: number; x: Tensor; y: Tensor; fail?: boolean; hang?: boolean }, { report, signal }) => {
    if (fail) throw new ShapeError('no such shape');
    const model = new Linear(2, 1, { seed: 1 });
    const optimizer = new SGD(model, { learningRate: 0.1 });
    const run = { model, optimizer, data: [[x, y] as const], loss: ([x, y]: readonly [Tensor, Tensor]) => mseLoss(model.forward(x), y) };
    for await (const at of train(run, { epochs: hang ? 1e9 : epochs, signal })) if (at.step < 1000) report(at);
    return { weights: stateDict(model), none: undefined, list: [Tensor.of([1])] };
  },
);
