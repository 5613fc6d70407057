/** What is in training, and when what happens in it takes effect. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BatchNorm,
  Buffer,
  checkpoint,
  compareDerivatives,
  customVjp,
  Dropout,
  defaultRandom,
  dropout,
  evaluation,
  grad,
  gradcheck,
  isTraining,
  LBFGS,
  Linear,
  manualSeed,
  Parameter,
  Random,
  Sequential,
  SGD,
  Tape,
  Tensor,
  training,
  vmap,
} from '../../src/index.ts';
import { runs } from '../lib/runs.ts';

const recorded = (f: () => unknown, options?: { training?: boolean }) => {
  let seen: boolean | undefined;
  new Tape().record(() => {
    seen = isTraining();
    return f();
  }, options);
  return seen;
};

describe('what is in training', () => {
  test('is what is recorded, unless the recording or a scope around it says otherwise', () => {
    expect(isTraining()).toBe(false);
    expect(recorded(() => 0)).toBe(true);
    expect(recorded(() => 0, { training: false })).toBe(false);
    expect(evaluation(() => recorded(() => 0))).toBe(false);
    expect(evaluation(() => recorded(() => 0, { training: true }))).toBe(true);
    expect(training(() => recorded(() => 0, { training: false }))).toBe(false);
    expect(training(() => evaluation(isTraining))).toBe(false);
    expect(evaluation(() => training(isTraining))).toBe(true);
    expect(isTraining()).toBe(false);
  });

  test('ends with an exception, however scopes stand in each other', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('training', 'evaluation', 'record'), { minLength: 1, maxLength: 6 }), fc.nat(5), (kinds, at) => {
        const run = (depth: number): void => {
          if (depth === kinds.length || depth === at) throw new Error('over');
          const inside = () => run(depth + 1);
          if (kinds[depth] === 'training') training(inside);
          else if (kinds[depth] === 'evaluation') evaluation(inside);
          else new Tape().record(inside);
        };
        expect(() => run(0)).toThrow('over');
        expect(isTraining()).toBe(false);
      }),
      { numRuns: runs(50) },
    );
  });

  test('is a minimized loss, also each evaluation of it by a line search', () => {
    const w = new Parameter(Tensor.of([3]));
    const seen: boolean[] = [];
    const loss = () => {
      seen.push(isTraining());
      return w.mul(w).sum();
    };
    new SGD({ w }, { learningRate: 0.1 }).minimize(loss);
    new LBFGS({ w }).minimize(loss);
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.every(Boolean)).toBe(true);
  });

  test('is no finite difference, unless it is called in training', () => {
    const seen = new Set<boolean>();
    const f = (x: Tensor) => {
      seen.add(isTraining());
      return x.mul(x).sum();
    };
    gradcheck(f, [Tensor.of([1, 2])]);
    compareDerivatives({ f, closedForm: (x) => x.mul(2), at: Tensor.of([1, 2]) });
    expect([...seen]).toEqual([false]);
    seen.clear();
    training(() => gradcheck(f, [Tensor.of([1, 2])]));
    expect([...seen]).toEqual([true]);
  });

  test('is not what a checkpoint computes outside of any scope', () => {
    expect(checkpoint((x: Tensor) => (isTraining() ? x.mul(0) : x))(Tensor.of([2])).toArray()).toEqual([2]);
  });

  test('cannot be asynchronous, and refuses what is no function and options that are none', () => {
    for (const scope of [training, evaluation] as ((f: unknown) => unknown)[]) {
      expect(() => scope(async () => 1)).toThrow(/returns a promise; await the data first/);
      expect(() =>
        scope(function* () {
          yield 1;
        }),
      ).toThrow(/generator function/);
      expect(() => scope(3)).toThrow(/expected a function, got 3/);
      expect(isTraining()).toBe(false);
    }
    expect(() => training(() => 1, { rng: new Random(1) } as never)).toThrow(/rng/);
    expect(() => training(() => 1, { random: 3 } as never)).toThrow(/expected random to be a generator/);
    expect(() => training(() => 1, { statistics: 'no' } as never)).toThrow(/statistics/);
    expect(() => new Tape().record(() => 1, { training: 1 } as never)).toThrow(/training/);
  });
});

describe('a generator of the scope', () => {
  test('is where all draws come from, and the default one does not move', () => {
    const before = defaultRandom().state;
    const own = new Random(5);
    const drawn = training(() => Tensor.uniform([3]), { random: own }).toArray();
    expect(drawn).toEqual(Tensor.uniform([3], { seed: 5 }).toArray());
    expect(defaultRandom().state).toEqual(before);
    expect(() =>
      training(
        () => {
          throw new Error('over');
        },
        { random: own },
      ),
    ).toThrow('over');
    expect(defaultRandom().state).toEqual(before);
  });

  test('is restored by whatever computes again, in the sweep as well', () => {
    const x = Tensor.ones([50], 'float64');
    const random = new Random(2);
    const f = checkpoint((x: Tensor) => dropout(x.mul(2), 0.5));
    const tape = new Tape({ x });
    const y = training(() => tape.record(() => f(x)), { random });
    const after = random.state;
    const [dx] = tape.backward(y, [x], { gradient: Tensor.ones([50], 'float64') });
    expect(dx.toArray()).toEqual(y.toArray());
    expect(random.state).toEqual(after);
  });

  test('gives all examples of vmap the same mask', () => {
    const y = training(() => vmap((x: Tensor) => dropout(x, 0.5))(Tensor.ones([3, 20])), { random: new Random(1) });
    expect(y.slice([1]).toArray()).toEqual(y.slice([0]).toArray());
    expect(new Set(y.data)).toEqual(new Set([0, 2]));
  });

  test('is drawn from once by a function with a derivative of its own that is called again', () => {
    const f = customVjp(
      (x: Tensor) => x.mul(Tensor.uniform([2], { dtype: 'float64' })),
      ({ xs: [x], y, dy }) => [dy.mul(y).div(x!)],
    );
    manualSeed(3);
    grad((x: Tensor) => f(x).sum())(Tensor.of([1, 2], 'float64'));
    const after = defaultRandom().state;
    manualSeed(3);
    Tensor.uniform([2], { dtype: 'float64' });
    expect(defaultRandom().state).toEqual(after);
  });
});

describe('a buffer', () => {
  const counter = () => new Buffer(Tensor.zeros([], 'int32'));
  const count = (buffer: Buffer) => buffer.replace((value) => value.add(1));

  test('is replaced when the outermost scope ends, once', () => {
    const buffer = counter();
    training(() => {
      count(buffer);
      count(buffer);
      new Tape().record(() => count(buffer));
      expect(buffer.value.item()).toBe(0);
    });
    expect(buffer.value.item()).toBe(1);
  });

  test('keeps its value where the scope ends with an exception, and takes that of a scope beside it', () => {
    const buffer = counter();
    const failing = () =>
      training(() => {
        count(buffer);
        throw new Error('over');
      });
    expect(failing).toThrow('over');
    expect(buffer.value.item()).toBe(0);
    training(() => {
      expect(failing).toThrow('over');
      buffer.replace(Tensor.of(7, 'int32'));
    });
    expect(buffer.value.item()).toBe(7);
  });

  test('is left alone without statistics, and where it is frozen; its function is not even called', () => {
    const buffer = counter();
    const refuse = () => buffer.replace(() => expect.unreachable());
    training(refuse, { statistics: false });
    training(() => training(refuse), { statistics: false });
    buffer.frozen = true;
    training(refuse);
    expect(buffer.value.item()).toBe(0);
  });

  test('outside of any scope is replaced at once', () => {
    const buffer = counter();
    count(buffer);
    count(buffer);
    expect(buffer.value.item()).toBe(2);
  });

  test('moves once a step, whatever computes twice', () => {
    const x = Tensor.normal([6, 2], { seed: 1 });
    const ways: Record<string, (norm: BatchNorm) => unknown> = {
      record: (norm) => new Tape().record(() => norm.forward(x)),
      checkpoint: (norm) => {
        const tape = new Tape();
        tape.backward(tape.record(() => checkpoint((x: Tensor) => norm.forward(x).pow(2))(x).sum()));
      },
      grad: (norm) => grad((x) => norm.forward(x).pow(2).sum())(x),
      'a line search': (norm) => new LBFGS({ norm }).minimize(() => norm.forward(x).sub(1).pow(2).sum()),
      'a loss called twice': (norm) => training(() => norm.forward(x).add(norm.forward(x))),
    };
    for (const [, way] of Object.entries(ways)) {
      const norm = new BatchNorm(2);
      way(norm);
      expect(norm.batches.value.item()).toBe(1);
      expect(norm.runningMean.value.data[0]).toBeCloseTo(0.1 * x.mean(0).data[0]!, 6);
    }
  });

  test('refuses another shape or dtype, by its path, and what differs from example to example', () => {
    const model = { layer: { mean: new Buffer(Tensor.zeros([2])), w: new Parameter(Tensor.of([1])) } };
    new SGD(model, { learningRate: 1 });
    expect(() => model.layer.mean.replace(Tensor.zeros([3]))).toThrow('replace: layer.mean has shape [2], got [3]');
    expect(() => model.layer.mean.assign(Tensor.zeros([2], 'float64'))).toThrow(
      "assign: layer.mean is float32, got float64; convert it with cast('float32')",
    );
    expect(() => new Buffer([1] as never)).toThrow(/Buffer/);
    expect(() =>
      vmap((x: Tensor) => {
        model.layer.mean.replace(x);
        return x;
      })(Tensor.ones([3, 2])),
    ).toThrow(/differs from example to example/);
  });
});

describe('a frozen layer', () => {
  test('keeps its statistics as well as its weights, and normalizes by them in training', () => {
    const norm = new BatchNorm(2);
    const head = new Linear(2, 1, { seed: 1 });
    const model = new Sequential(norm, head);
    const x = Tensor.normal([5, 2], { seed: 2 });
    training(() => norm.forward(x));
    const optimizer = new SGD(model, { learningRate: 0.1, frozen: norm });
    const before = [norm.runningMean.value.toArray(), norm.weight!.toArray()];
    optimizer.minimize(() => {
      expect(norm.forward(x).toArray()).toEqual(evaluation(() => norm.forward(x)).toArray());
      return model.forward(x).pow(2).mean();
    });
    expect([norm.runningMean.value.toArray(), norm.weight!.toArray()]).toEqual(before);
    optimizer.options.frozen = undefined;
    optimizer.minimize(() => model.forward(x).pow(2).mean());
    expect(norm.batches.value.item()).toBe(2);
  });

  test('draws its masks all the same', () => {
    expect(training(() => new Dropout(0.5).forward(Tensor.ones([64])).data.includes(0))).toBe(true);
  });
});
