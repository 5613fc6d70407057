/** The linear layer and the softmax loss against plain loops, and models that share layers. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  crossEntropy,
  gradcheck,
  Linear,
  loadStateDict,
  namedParameters,
  Parameter,
  parameters,
  Random,
  Sequential,
  Softmax,
  SoftmaxCrossEntropy,
  stateDict,
  Tape,
  Tensor,
} from '../../src/index.ts';

describe('a linear layer', () => {
  test('is x · weight + bias, in plain loops', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.nat(),
        (rows, m, n, seed) => {
          const random = new Random(seed);
          const layer = new Linear(m, n, { random, dtype: 'float64' });
          const x = Tensor.uniform([rows, m], { random, dtype: 'float64' });
          const [w, b] = [layer.weight.toArray() as number[][], layer.bias!.toArray() as number[]];
          const wanted = (x.toArray() as number[][]).map((row) =>
            b.map((bias, j) => row.reduce((sum, value, i) => sum + value * w[i]![j]!, 0) + bias),
          );
          const y = layer.forward(x).toArray() as number[][];
          y.forEach((row, i) => row.forEach((value, j) => expect(value).toBeCloseTo(wanted[i]![j]!, 12)));
        },
      ),
    );
  });

  test('has the gradients xᵀ dy, and dy summed over the rows', () => {
    const layer = new Linear(3, 2, { seed: 1, dtype: 'float64' });
    const x = Tensor.uniform([4, 3], { seed: 2, dtype: 'float64' }) as Tensor;
    const gradient = Tensor.uniform([4, 2], { seed: 3, dtype: 'float64' }) as Tensor;
    const tape = new Tape();
    const found = tape.backward(
      tape.record(() => layer.forward(x)),
      { gradient },
    );
    expect(found.get(layer.weight).toArray()).toEqual(x.transposedTimes(gradient).toArray());
    expect(found.get(layer.bias!).toArray()).toEqual(gradient.sum(0).toArray());
  });

  test('without a bias has one parameter, and maps 0 to 0', () => {
    const layer = new Linear(3, 2, { bias: false });
    expect([layer.bias, [...namedParameters(layer).keys()]]).toEqual([undefined, ['weight']]);
    expect(layer.forward(Tensor.zeros([1, 3])).toArray()).toEqual([[0, 0]]);
  });

  test('draws its initial values from the given generator or seed', () => {
    const drawn = (options: object) => stateDict(new Linear(4, 3, options));
    expect(drawn({ seed: 5 })).toEqual(drawn({ random: new Random(5) }));
    expect(drawn({ seed: 5 })).not.toEqual(drawn({ seed: 6 }));
    const random = new Random(5);
    expect(drawn({ random })).not.toEqual(drawn({ random }));
  });

  test('takes any leading axes, or none: each row alone gives what it gives among others', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }), fc.nat(), (leading, seed) => {
        const layer = new Linear(2, 3, { seed });
        const x = Tensor.uniform([...leading, 2], { seed: seed + 1 }) as Tensor;
        const y = layer.forward(x);
        expect(y.shape).toEqual([...leading, 3]);
        const rows = x.reshape([-1, 2]);
        for (let row = 0; row < rows.shape[0]!; row++)
          expect([...layer.forward(rows.slice([row])).data]).toEqual([...y.data.subarray(3 * row, 3 * row + 3)]);
      }),
    );
  });

  test('refuses unknown options, and text for a size', () => {
    expect(() => new Linear(2, 3, { bais: false } as never)).toThrow('Linear: there is no option bais; did you mean bias?');
    expect(() => new Linear(2, 3, { init: 'zeros' } as never)).toThrow('Linear: there is no option init; did you mean initialization?');
    expect(() => new Linear(2, 3, false as never)).toThrow('Linear: expected options, such as { bias: … }, got false');
    expect(() => new Linear('2' as never, 3)).toThrow("got '2' inputs and 3 outputs");
    expect(() => new SoftmaxCrossEntropy('sum' as never)).toThrow(
      "SoftmaxCrossEntropy: expected options, such as { reduction: … }, got 'sum'",
    );
    expect(() => new SoftmaxCrossEntropy({ reducton: 'sum' } as never)).toThrow('did you mean reduction?');
  });

  test('is float32 by default', () => {
    expect(new Linear(2, 3).forward(Tensor.ones([1, 2])).dtype).toBe('float32');
    expect(new Linear(2, 3, { dtype: 'float64' }).forward(Tensor.ones([1, 2], 'float64')).dtype).toBe('float64');
  });
});

describe('the cross-entropy of a softmax', () => {
  const logits = Tensor.uniform([5, 3], { low: -4, high: 4, seed: 1, dtype: 'float64' }) as Tensor;
  const classes = Tensor.of([2, 0, 1, 1, 0], 'int32') as Tensor;

  test('is the negated logarithm of the probability of the class', () => {
    const found = crossEntropy(logits, classes, { reduction: 'none' }).toArray() as number[];
    const p = new Softmax(1).forward(logits).toArray() as number[][];
    found.forEach((loss, row) => expect(loss).toBeCloseTo(-Math.log(p[row]![classes.data[row]!]!), 12));
  });

  test('is the same for classes and for rows with a single 1', () => {
    for (const reduction of ['mean', 'sum', 'none'] as const) {
      const criterion = new SoftmaxCrossEntropy({ reduction });
      const [byClass, byRow] = [criterion.forward(logits, classes), criterion.forward(logits, classes.oneHot(3, 'float64'))] as Tensor[];
      byClass!.data.forEach((loss, i) => expect(byRow!.data[i]).toBeCloseTo(loss, 12));
      expect(byClass!.shape).toEqual(reduction === 'none' ? [5] : []);
    }
  });

  test('is stable where probabilities round to 0, and its slope is finite', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const far = Tensor.of([[1000, -1000]], dtype) as Tensor;
      const tape = new Tape();
      const loss = tape.record(() => new SoftmaxCrossEntropy().forward(far, Tensor.of([1], 'int32')));
      expect(loss.item()).toBe(2000);
      expect(tape.backward(loss, [far])[0].toArray()).toEqual([[1, -1]]);
    }
  });

  test('has the derivatives that finite differences measure, by the logits and by the probabilities', () => {
    const rows = logits.softmax() as Tensor;
    gradcheck((x: Tensor) => crossEntropy(x, classes, { reduction: 'none' }), [logits]);
    gradcheck((x: Tensor) => crossEntropy(x, rows, { reduction: 'none' }), [logits]);
    gradcheck((t: Tensor) => crossEntropy(logits, t, { reduction: 'none' }), [rows]);
  });
});

describe('a layer that stands at two places', () => {
  test('is in the state once, and its gradient is the sum of both', () => {
    const shared = new Linear(2, 2, { seed: 1, dtype: 'float64' });
    const model = new Sequential(shared, shared);
    expect(Object.keys(stateDict(model))).toEqual(['layers.0.weight', 'layers.0.bias']);
    const [first, second] = [new Linear(2, 2, { dtype: 'float64' }), new Linear(2, 2, { dtype: 'float64' })];
    for (const copy of [first, second]) loadStateDict(copy, stateDict(shared));
    const x = Tensor.of([[1, -2]], 'float64') as Tensor;
    const sweep = (model: Sequential) => {
      const tape = new Tape();
      return tape.backward(tape.record(() => model.forward(x).sum()));
    };
    const [together, apart] = [sweep(model), sweep(new Sequential(first, second))];
    const sum = apart.get(first.weight).add(apart.get(second.weight) as Tensor);
    together.get(shared.weight).data.forEach((slope, i) => expect(slope).toBeCloseTo(sum.data[i]!, 12));
  });
});

test('only the parameters are found in a model that refers to itself, to tensors and to functions', () => {
  class Node {
    readonly weight = new Parameter(Tensor.of([1]));
    readonly constant = Tensor.of([2]);
    readonly f = () => this.weight;
    readonly children: Node[] = [];
    parent: Node | undefined;
  }
  const [root, child] = [new Node(), new Node()];
  root.children.push(child);
  child.parent = root;
  expect([...namedParameters(root).keys()]).toEqual(['weight', 'children.0.weight']);
  expect(parameters(child)).toEqual([child.weight, root.weight]);
});

test('a state is a copy, in its dtype, that JSON can carry as arrays', () => {
  const [from, to] = [new Linear(2, 3, { seed: 1 }), new Linear(2, 3, { seed: 2 })];
  const text = JSON.stringify(Object.fromEntries(Object.entries(stateDict(from)).map(([path, x]) => [path, x.toArray()])));
  const state = Object.fromEntries(Object.entries(JSON.parse(text)).map(([path, values]) => [path, Tensor.of(values as number[])]));
  loadStateDict(to, state);
  expect(stateDict(to)).toEqual(stateDict(from));
});
