/** Paths and steps of a sweep, compared with its gradients. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  explain,
  Linear,
  Parameter,
  Sequential,
  Sigmoid,
  SoftmaxCrossEntropy,
  steps,
  Tape,
  TapeError,
  Tensor,
} from '../../../src/index.ts';
import { anyFunction, dot, expectClose, vectors } from '../../book/lib.ts';

const float64 = (values: any): Tensor => Tensor.of(values, 'float64');

/** A scalar made of two vectors in several ways. */
const recorded = (f: (x: Tensor) => Tensor, x: Tensor, w: Tensor) => {
  const tape = new Tape({ x, w });
  return { tape, y: tape.record(() => f(x.mul(w)).mul(x).add(w.mul(x)).sum()) };
};

describe('an explanation', () => {
  test('has paths whose gradients add up to the gradient', () => {
    fc.assert(
      fc.property(anyFunction, vectors(2), ({ f }, [x, w]) => {
        const { tape, y } = recorded(f, x, w);
        for (const asked of [x, w]) {
          const { paths, count, gradient } = explain(tape, y, asked, { most: 1000 });
          expect(paths.length).toBe(count);
          expectClose(
            paths.map((path) => path.gradient).reduce((a, b) => a.add(b)),
            gradient,
          );
          expectClose(gradient, tape.backward(y, [asked], { keep: true })[0]);
        }
      }),
    );
  });

  test('has no gap between steps: the gradient that one step passes back is the one that arrives at the next', () => {
    fc.assert(
      fc.property(anyFunction, vectors(2), ({ f }, [x, w]) => {
        const { tape, y } = recorded(f, x, w);
        for (const { steps: path, gradient } of explain(tape, y, x).paths) {
          expect(path[0]!.incoming.item()).toBe(1);
          path.slice(1).forEach((step, i) => expect(step.incoming).toBe(path[i]!.outgoing));
          expect(path.at(-1)!.name).toBe('x');
          expect(path.at(-1)!.outgoing).toBe(gradient);
        }
      }),
    );
  });

  test('of a network names parameters by their paths, and writes each rule as a formula', () => {
    const model = new Sequential(new Linear(2, 2, { seed: 1 }), new Sigmoid(), new Linear(2, 2, { seed: 2 }));
    const [x, y] = [Tensor.of([[1, 2]]), Tensor.of([1], 'int32')];
    const tape = new Tape({ x, y, model });
    const loss = tape.record(() => new SoftmaxCrossEntropy().forward(model.forward(x), y)) as Tensor;
    const text = String(explain(tape, loss, (model.layers[0] as Linear).weight));
    expect(text.replace(/-?\d+\.\d+/g, '…')).toMatchInlineSnapshot(`
      "1 path from %7 back to layers.0.weight

      path 1
        dy = 1 arrives at %7
        %7 : [] = div(%6, 1)
          to %6: dy / b = 1
        %6 : [] = sum(%5, axes: [0])
          to %5: broadcastTo(dy, to: [1]) = [1]
        %5 : [1] = crossEntropyOfClasses(%4, y)
          to %4: (softmax(logits, axes: [1]) − oneHot(classes, classes: 2, dtype: float32)) · reshape(dy, to: [1, 1]) = [[…,…]]
        %4 : [1, 2] = add(%3, layers.2.bias)
          to %3: dy = [[…,…]]
        %3 : [1, 2] = matmul(%2, layers.2.weight)
          to %2: dy @ bᵀ = [[…,…]]
        %2 : [1, 2] = sigmoid(%1)
          to %1: dy · y · (1 − y) = [[…,…]]
        %1 : [1, 2] = add(%0, layers.0.bias)
          to %0: dy = [[…,…]]
        %0 : [1, 2] = matmul(x, layers.0.weight)
          to layers.0.weight: aᵀ @ dy = [[…,…],[…,…]]
        along this path: [[…,…],[…,…]]"
    `);
  });

  test('states where no path leads to the tensor, and where there are too many paths to list', () => {
    const [a, b] = [float64(2), float64(3)];
    const tape = new Tape({ a, b });
    const y = tape.record(() => {
      b.exp();
      let x = a;
      for (let i = 0; i < 6; i++) x = x.mul(x);
      return x;
    });
    expect(String(explain(tape, y, b))).toMatch(/^no path leads from %6 back to b: its gradient is 0/);
    const { paths, count, gradient } = explain(tape, y, a, { most: 5 });
    expect([paths.length, count, gradient.item()]).toEqual([5, 64, 64 * 2 ** 63]);
    expect(String(explain(tape, y, a, { most: 5 }))).toContain('… and 59 more');
    expect(() => explain(tape, y, a, { most: 0 })).toThrow(/expected most to be a whole number from 1, got 0/);
    expect(() => explain(tape, y, float64(1))).toThrow(TapeError);
    tape.backward(y, [a]);
    expect(() => explain(tape, y, a)).toThrow(/this tape was swept/);
  });

  test('of a value that is no scalar starts from the gradient that arrives at it, as the sweep does', () => {
    fc.assert(
      fc.property(anyFunction, vectors(2), ({ f }, [x, gradient]) => {
        const tape = new Tape({ x });
        const y = tape.record(() => f(x));
        const found = explain(tape, y, x, { gradient, most: 1000 });
        const [wanted] = tape.backward(y, [x], { gradient, keep: true });
        expectClose(found.gradient, wanted);
        expect(found.paths.every(({ steps: path, gradient: last }) => (path[0]?.incoming ?? last) === gradient)).toBe(true);
        expectClose([...steps(tape, y, { gradient })].findLast(({ name }) => name === 'x')!.total, wanted);
        expect(() => explain(tape, y, x, { gradient: gradient.sum() })).toThrow(/^explain: expected a gradient like the value/);
        if (y.size > 1) expect(() => steps(tape, y)).toThrow(/^steps: expected a scalar, .* give the gradient that arrives at it/);
      }),
    );
  });

  test('of a chain of 10 000 operations is one path of as many steps', () => {
    const x = float64(1);
    const tape = new Tape({ x });
    const y = tape.record(() => {
      let y = x;
      for (let i = 0; i < 10_000; i++) y = y.add(1);
      return y;
    });
    const { paths, count, gradient } = explain(tape, y, x);
    expect([paths.length, count, paths[0]!.steps.length, gradient.item()]).toEqual([1, 1, 10_000, 1]);
  });

  test('of a value by itself is one path without steps', () => {
    const x = float64(2);
    const tape = new Tape({ x });
    const y = tape.record(() => x.mul(x));
    expect(explain(tape, y, y).paths.map(({ steps: path, gradient }) => [path.length, gradient.item()])).toEqual([[0, 1]]);
  });
});

describe('an explanation and the steps of a sweep', () => {
  /** `x` twice: once rounded to whole numbers, which passes nothing back. */
  const rounded = () => {
    const x = float64([1.5, 2.5]);
    const tape = new Tape({ x });
    return { x, tape, y: tape.record(() => x.cast('int32').cast('float64').mul(x).sum()) };
  };

  test('pass no gradient through int32, like the sweep', () => {
    const { x, tape, y } = rounded();
    const { count, paths, gradient } = explain(tape, y, x);
    expect([count, paths.length, gradient.toArray()]).toEqual([1, 1, [1, 2]]);
    expect([...steps(tape, y)].map(({ line }) => line.replace(/^.*= (\w+).*$/, '$1'))).toEqual(['sum', 'mul']);
  });

  test('are refused where a parameter was assigned after the recording, and after the sweep', () => {
    const w = new Parameter(float64([1, 2]), 'w');
    const tape = new Tape();
    const y = tape.record(() => w.mul(w).sum());
    w.assign(float64([3, 4]));
    expect(() => steps(tape, y)).toThrow(/^steps: w of shape \[2\] was assigned after the tape recorded it/);
    expect(() => explain(tape, y, w)).toThrow(/w of shape \[2\] was assigned after the tape recorded it/);
    const other = rounded();
    other.tape.backward(other.y, [other.x]);
    expect(() => steps(other.tape, other.y)).toThrow(/^steps: this tape was swept/);
  });
});

describe('the steps of a sweep', () => {
  test('add up to the gradient, and the last total of each tensor is its gradient', () => {
    fc.assert(
      fc.property(anyFunction, vectors(2), ({ f }, [x, w]) => {
        const { tape, y } = recorded(f, x, w);
        const last = new Map([...steps(tape, y)].map(({ name, total }) => [name, total]));
        const [dx, dw] = tape.backward(y, [x, w], { keep: true });
        expectClose(last.get('x')!, dx);
        expectClose(last.get('w')!, dw);
      }),
    );
  });

  test('each pass back the gradient that finite differences measure', () => {
    fc.assert(
      fc.property(vectors(2), ([x, w]) => {
        const tape = new Tape({ x, w });
        const y = tape.record(() => x.mul(w).sum());
        const [first, second] = [...steps(tape, y)];
        expect([first!.rule, second!.rule]).toEqual([`broadcastTo(dy, to: [${x.size}])`, 'dy · b']);
        expect(dot(second!.outgoing, x)).toBeCloseTo(y.item(), 10);
      }),
    );
  });

  test('are computed on demand, and leave the tape as it was', () => {
    const x = float64([1, 2]);
    const tape = new Tape({ x });
    const y = tape.record(() => x.exp().sum());
    const before = String(tape);
    const taken = steps(tape, y);
    expect(taken.next().value!.line).toBe('%1 : [] = sum(%0, axes: [0])');
    expect(String(tape)).toBe(before);
    expect(tape.entries.length).toBe(2);
    const outer = new Tape();
    outer.record(() => [...steps(tape, y)]);
    expect(outer.entries).toEqual([]);
  });
});
