/** What a tape records, how it prints, what it holds after the sweep, and what it refuses. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  concat,
  crossEntropy,
  DtypeError,
  explain,
  Linear,
  onGradient,
  Parameter,
  Sequential,
  Sigmoid,
  steps,
  Tape,
  TapeError,
  Tensor,
  toDot,
  toHTML,
  ValueError,
} from '../../src/index.ts';
import { isRecording } from '../../src/tensor/recorders.ts';
import { refuses } from '../lib/refuses.ts';

const float64 = (values: number | number[] | number[][]): Tensor => Tensor.of(values, 'float64');

/** `Σ w²`, recorded. */
function squares(values: number[] = [1, 2]) {
  const w = new Parameter(float64(values), 'w');
  const tape = new Tape();
  return { w, tape, loss: tape.record(() => w.mul(w).sum()) };
}

describe('a tape prints', () => {
  test('one operation a line, with names, shapes, attributes and constants', () => {
    const x = float64([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const tape = new Tape({ x });
    tape.record(() =>
      x
        .mul(2)
        .transpose()
        .sum(0, { keepDims: true })
        .maximum(0)
        .slice([0, [null, null, -1]]),
    );
    expect(String(tape)).toMatchInlineSnapshot(`
      "%0 : [2, 3] = mul(x, 2)
      %1 : [3, 2] = permute(%0, axes: [1, 0])
      %2 : [1, 2] = sum(%1, axes: [0], keepDims: true)
      %3 : [1, 2] = maximum(%2, 0)
      %4 : [1, 2] = slice(%3, starts: [0, 1], steps: [1, -1], sizes: [1, 2])
      %5 : [2] = reshape(%4, to: [2])"
    `);
  });

  test('a model with the paths of its parameters, and the same after the sweep as before', () => {
    const model = new Sequential(new Linear(2, 3), new Sigmoid(), new Linear(3, 2, { bias: false }));
    const x = Tensor.ones([4, 2]);
    const tape = new Tape({ x, model });
    const loss = tape.record(() => crossEntropy(model.forward(x), Tensor.of([0, 1, 1, 0], 'int32')));
    const before = String(tape);
    expect(before).toMatchInlineSnapshot(`
      "%0 : [4, 3] = matmul(x, layers.0.weight)
      %1 : [4, 3] = add(%0, layers.0.bias)
      %2 : [4, 3] = sigmoid(%1)
      %3 : [4, 2] = matmul(%2, layers.2.weight)
      %5 : [4] = crossEntropyOfClasses(%3, %4)
      %6 : [] = sum(%5, axes: [0])
      %7 : [] = div(%6, 4)"
    `);
    tape.backward(loss);
    expect(String(tape)).toBe(before);
  });

  test('the operations of a sweep, where another tape records it', () => {
    const x = float64([1, 2]);
    const [inner, outer] = [new Tape({ x }), new Tape({ x })];
    outer.record(() =>
      inner.backward(
        inner.record(() => x.mul(x).sum()),
        [x],
      ),
    );
    expect(String(outer)).toMatchInlineSnapshot(`
      "%0 : [2] = mul(x, x)
      %1 : [] = sum(%0, axes: [0])
      %2 : [2] = broadcastTo(1, to: [2])
      %3 : [2] = mul(%2, x)
      %4 : [2] = mul(%2, x)
      %5 : [2] = add(%3, %4)"
    `);
  });

  test('nothing, where nothing was recorded', () => {
    expect(String(new Tape())).toBe('');
    expect(String(new Tape({ x: float64(1) }))).toBe('');
  });
});

describe('a tape is data', () => {
  test('entries and values can be walked', () => {
    const { tape } = squares();
    expect(tape.entries.map(({ op, inputs, output }) => [op.name, inputs, output])).toEqual([
      ['mul', { a: 0, b: 0 }, 1],
      ['sum', { x: 1 }, 2],
    ]);
    expect(tape.values.map(({ name, shape, version }) => [name, shape, version])).toEqual([
      ['w', [2], 0],
      [undefined, [2], undefined],
      [undefined, [], undefined],
    ]);
  });

  test('after the sweep it holds no tensor, but still all shapes', () => {
    const { tape, loss } = squares();
    tape.backward(loss);
    expect(tape.values.every(({ tensor }) => tensor === undefined)).toBe(true);
    expect(tape.values.map(({ shape }) => shape)).toEqual([[2], [2], []]);
    expect(tape.has(loss)).toBe(false);
  });
});

describe('recording', () => {
  test('returns what the function returns, whatever it is', () => {
    const tape = new Tape();
    expect(tape.record(() => ({ a: [1, 'b'] }))).toEqual({ a: [1, 'b'] });
    expect(tape.record(() => undefined)).toBe(undefined);
  });

  test('can be continued by several calls before the sweep', () => {
    const w = new Parameter(float64([1, 2]));
    const tape = new Tape();
    const y = tape.record(() => w.mul(3));
    const loss = tape.record(() => y.mul(w).sum());
    expect(tape.backward(loss).get(w).toArray()).toEqual([6, 12]);
  });

  test('values computed between those calls are constants', () => {
    const w = new Parameter(float64([1, 2]));
    const tape = new Tape();
    tape.record(() => w.mul(1));
    const constant = w.mul(w);
    const loss = tape.record(() => constant.mul(w).sum());
    expect(tape.backward(loss).get(w).toArray()).toEqual([1, 4]);
  });

  test('of one tape within another adds the inner operations to both', () => {
    const w = new Parameter(float64([3]));
    const [inner, outer] = [new Tape(), new Tape()];
    const [y, z] = outer.record(() => {
      const y = inner.record(() => w.mul(w).sum());
      return [y, y.mul(2)] as const;
    });
    expect([inner.entries.length, outer.entries.length]).toEqual([2, 3]);
    expect(inner.backward(y).get(w).toArray()).toEqual([6]);
    expect(outer.backward(z).get(w).toArray()).toEqual([12]);
  });

  test('ends with the function, also when it throws or is asynchronous', () => {
    const tape = new Tape();
    const thrown = new Error('mine');
    expect(() =>
      tape.record(() => {
        throw thrown;
      }),
    ).toThrow(thrown);
    expect(() => tape.record(async () => {})).toThrow(TapeError);
    const [inner, outer] = [new Tape(), new Tape()];
    expect(() => outer.record(() => inner.record(() => float64(1).add('1' as any)))).toThrow();
    expect(isRecording()).toBe(false);
    float64(1).neg();
    expect([tape.entries, inner.entries, outer.entries]).toEqual([[], [], []]);
    // And it can be used again.
    const w = new Parameter(float64(2));
    expect(
      tape
        .backward(tape.record(() => w.mul(w)))
        .get(w)
        .item(),
    ).toBe(4);
  });
});

describe('the sweep', () => {
  test('sums over all paths from a tensor to the end', () => {
    const x = float64([2, 3]);
    const tape = new Tape();
    const y = tape.record(() => {
      const square = x.mul(x);
      return square.mul(x).add(square).add(x).sum();
    });
    expect(tape.backward(y, [x])[0].toArray()).toEqual([17, 34]); // 3x² + 2x + 1
  });

  test('gives the tensors that are named, in their order, however often, inner ones and the end itself included', () => {
    const x = float64([2]);
    const tape = new Tape();
    const [inner, y] = tape.record(() => {
      const inner = x.mul(x);
      return [inner, inner.mul(5)] as const;
    });
    const found = tape.backward(y, [y, inner, x, inner]);
    expect(found.map((gradient) => gradient.toArray())).toEqual([[1], [5], [20], [5]]);
  });

  test('starts at the value that is given, and ignores operations recorded after it', () => {
    const x = float64([2]);
    const tape = new Tape();
    const y = tape.record(() => {
      const y = x.mul(x);
      y.mul(100);
      return y;
    });
    expect(tape.backward(y, [x])[0].toArray()).toEqual([4]);
  });

  test('takes the gradient that arrives at the end, and is linear in it', () => {
    fc.assert(
      fc.property(fc.tuple(fc.integer({ min: 1 }), fc.integer({ min: 1 })), fc.integer({ min: 1, max: 5 }), (dy, factor) => {
        const { w, tape } = squares();
        const y = tape.record(() => w.mul(w));
        const swept = (by: number[]) => tape.backward(y, [w], { gradient: float64(by), keep: true })[0].toArray() as number[];
        expect(swept(dy)).toEqual([2 * dy[0], 4 * dy[1]]);
        expect(swept(dy.map((s) => factor * s))).toEqual(swept(dy).map((s) => factor * s));
      }),
    );
  });

  test('gives zeros to recorded tensors on which the value does not depend', () => {
    const [x, unused] = [float64([2]), new Parameter(float64([1, 1]))];
    const tape = new Tape({ unused });
    const y = tape.record(() => x.mul(x).sum());
    expect(tape.backward(y, [x, unused]).map((gradient) => gradient.toArray())).toEqual([[4], [0, 0]]);
  });

  test('passes no gradient through int32, and the whole gradient along other paths', () => {
    const x = float64([
      [1, 5, 2],
      [7, 0, 3],
    ]);
    const tape = new Tape();
    const y = tape.record(() => x.gather(1, x.argmax(1, { keepDims: true })).sum());
    expect(tape.backward(y, [x])[0].toArray()).toEqual([
      [0, 1, 0],
      [1, 0, 0],
    ]);
  });

  test('passes no gradient through a conversion to int32, and calls no rule for constants', () => {
    const [x, c] = [float64([1.5, 2.5]), float64([3, 4])];
    const asked: string[] = [];
    const tape = new Tape();
    const y = tape.record(() => {
      const constant = onGradient(c.mul(2), () => void asked.push('c'));
      const whole = x.cast('int32').cast('float64');
      return onGradient(x, () => void asked.push('x'))
        .mul(constant)
        .add(whole)
        .add(onGradient(x.floor(), () => void asked.push('⌊x⌋')))
        .sum();
    });
    expect(tape.backward(y, [x])[0].toArray()).toEqual([6, 8]);
    expect(asked).toEqual(['x']);
  });

  test('undoes broadcasting on either side', () => {
    const [row, column] = [float64([1, 2, 3]), float64([[1], [10]])];
    const tape = new Tape();
    const y = tape.record(() => row.mul(column).sum());
    expect(tape.backward(y, [row, column]).map((gradient) => gradient.toArray())).toEqual([
      [11, 11, 11],
      [[6], [6]],
    ]);
  });

  test('handles an operation with any number of inputs, also the same tensor twice', () => {
    const x = float64([1, 2]);
    const tape = new Tape();
    const y = tape.record(() =>
      concat([x, x.mul(2), x])
        .mul(float64([1, 2, 3, 4, 5, 6]))
        .sum(),
    );
    expect(tape.backward(y, [x])[0].toArray()).toEqual([12, 16]);
  });

  test('gives a gradient for every recorded parameter, each once, in the order of first use', () => {
    const [a, b] = [new Parameter(float64(2)), new Parameter(float64(3))];
    const tape = new Tape();
    const found = tape.backward(tape.record(() => b.mul(a).mul(b)));
    expect([...found].map(([x]) => x)).toEqual([b, a]);
    expect([found.get(a).item(), found.get(b).item(), found.size]).toEqual([9, 12, 2]);
  });

  test('is possible once, or with `keep` any number of times, with the same bits', () => {
    const { w, tape, loss } = squares([0.1, 0.7]);
    const first = tape.backward(loss, { keep: true }).get(w).toArray();
    expect(tape.backward(loss, { keep: true }).get(w).toArray()).toEqual(first);
    expect(tape.backward(loss).get(w).toArray()).toEqual(first);
    expect(() => tape.backward(loss)).toThrow(TapeError);
  });

  test('leaves the tape as it was where it is refused', () => {
    const { w, tape, loss } = squares();
    expect(() => tape.backward(loss, { gradient: float64([1, 1]) })).toThrow();
    expect(() => tape.backward(loss, [float64(1)])).toThrow();
    expect(tape.backward(loss).get(w).toArray()).toEqual([2, 4]);
  });
});

describe('versions', () => {
  test('a parameter assigned after the recording is refused by name, until a tape records it again', () => {
    const { w, tape, loss } = squares();
    w.assign(float64([5, 6]));
    expect(() => tape.backward(loss)).toThrow(/^backward: w of shape \[2\] was assigned/);
    const again = new Tape();
    expect(
      again
        .backward(again.record(() => w.mul(w).sum()))
        .get(w)
        .toArray(),
    ).toEqual([10, 12]);
  });

  test('so is one whose gradient was not asked for, since other gradients depend on its numbers', () => {
    const [x, w] = [float64([2, 3]), new Parameter(float64([1, 1]))];
    const tape = new Tape();
    const y = tape.record(() => x.mul(w).sum());
    w.assign(float64([9, 9]));
    expect(() => tape.backward(y, [x])).toThrow(TapeError);
  });

  test('a parameter that was not recorded may be assigned at any time, and one whose last assignment came before the recording is accepted', () => {
    const { w, tape, loss } = squares();
    const other = new Parameter(float64(1));
    other.assign(float64(2));
    expect(tape.backward(loss).get(w).toArray()).toEqual([2, 4]);
    w.assign(float64([3, 3]));
    const later = new Tape();
    expect(later.record(() => w.sum()).item()).toBe(6);
  });
});

describe('a tape with a model among its names', () => {
  const models = () => ({ a: new Linear(2, 1, { seed: 1 }), b: new Linear(2, 1, { seed: 2 }) });
  const x = Tensor.ones([1, 2]);

  test('has gradients for the parameters that take part, and no others', () => {
    const model = models();
    const tape = new Tape({ model });
    const gradients = tape.backward(tape.record(() => model.a.forward(x).sum()));
    expect([...gradients.keys()]).toEqual([model.a.weight, model.a.bias]);
  });

  test('records parameters as they are then, and not as they were when it was made', () => {
    const { a } = models();
    const tape = new Tape({ a });
    a.weight.assign(Tensor.zeros([2, 1]));
    expect(
      tape
        .backward(tape.record(() => a.forward(x).sum()))
        .get(a.weight)
        .toArray(),
    ).toEqual([[1], [1]]);
  });

  test('tells two models apart by their names', () => {
    const { a, b } = models();
    const tape = new Tape({ x, a, b });
    tape.record(() => a.forward(x).add(b.forward(x)));
    expect(String(tape)).toContain('matmul(x, a.weight)');
    expect(String(tape)).toContain('matmul(x, b.weight)');
  });
});

describe('a tape refuses', () => {
  const any = (value: unknown): any => value;
  const [x, w] = [float64([1, 2]), new Parameter(float64([3, 4]))];
  const tape = new Tape({ x });
  const y = tape.record(() => x.mul(w).sum());
  const options = /^backward: expected options, such as \{ gradient: … \}, got /;

  refuses('%s', [
    [
      'a model without a name',
      () => new Tape(any(new Linear(1, 1))),
      DtypeError,
      /^Tape: expected tensors or models by their names, new Tape\(\{ x, model \}\), got an object of class Linear$/,
    ],
    ['a tensor without a name', () => new Tape(any(x)), DtypeError, /by their names, .* got a tensor of shape \[2\]$/],
    ['null for names', () => new Tape(any(null)), DtypeError, /got null$/],
    ['a number by name', () => new Tape({ x: any(5) }), DtypeError, /^Tape: expected a tensor for x, got the number 5/],
    [
      'a generator function',
      () => new Tape().record(function* () {}),
      TapeError,
      /^record: expected a function, got a generator function, whose operations would happen after the recording$/,
    ],
    ['an asynchronous generator function', () => new Tape().record(async function* () {}), TapeError, /got a generator function/],
    ['a number to record', () => new Tape().record(any(5)), TapeError, /^record: expected a function, got 5$/],
    [
      'a check without a name',
      () => new Tape().record(() => x, any('finite')),
      ValueError,
      /^record: expected options, such as \{ check: … \}, got 'finite'$/,
    ],
    [
      'a check that is none',
      () => new Tape().record(() => x, { check: any('nan') }),
      ValueError,
      /^record: expected check to be 'finite', got 'nan'$/,
    ],
    [
      'an unknown option of a recording',
      () => new Tape().record(() => x, any({ finite: true })),
      ValueError,
      /there is no option finite; the options are check, training$/,
    ],
    ['a tensor in the place of the options of a sweep', () => tape.backward(y, [x], any(y)), ValueError, options],
    ['text in their place', () => tape.backward(y, any('x')), ValueError, options],
    [
      'an unknown option of a sweep',
      () => tape.backward(y, any({ seed: y })),
      ValueError,
      /^backward: there is no option seed; the options are gradient, keep$/,
    ],
    [
      'options in the third place',
      () => tape.backward(y, any(undefined), { keep: true }),
      TapeError,
      /^backward: expected the options after the value, backward\(y, \{ gradient \}\)$/,
    ],
    [
      'a Set in the place of a list',
      () => tape.backward(y, any(new Set([x]))),
      TapeError,
      /^backward: expected a list of tensors, got a Set or a Map; write backward\(y, \[\.\.\.tensors\]\)$/,
    ],
    ['a Map in the place of a list', () => tape.backward(y, any(new Map([[x, x]]))), TapeError, /got a Set or a Map/],
    [
      'a number to keep it by',
      () => tape.backward(y, { keep: any(1) }),
      ValueError,
      /^backward: expected keep to be true or false, got 1$/,
    ],
    [
      'a number to start from',
      () => tape.backward(any(5)),
      DtypeError,
      /^backward: expected a tensor for the value to start from, got the number 5/,
    ],
    [
      'a gradient that is a number',
      () => tape.backward(y, { gradient: any(5) }),
      DtypeError,
      /^backward: expected a tensor for the gradient, got the number 5/,
    ],
    [
      'a number among the tensors',
      () => tape.backward(y, [any(5)]),
      DtypeError,
      /^backward: expected a tensor for gradient 0, got the number 5/,
    ],
    ['a number to look for', () => tape.has(any(5)), DtypeError, /^has: expected a tensor for what to look for, got the number 5/],
    ['an unknown option of an explanation', () => explain(tape, y, x, any({ max: 3 })), ValueError, /^explain: there is no option max/],
    [
      'a number of paths that is text',
      () => explain(tape, y, x, { most: any('3') }),
      ValueError,
      /^explain: expected most to be a whole number from 1, got '3'$/,
    ],
    [
      'a number in the place of options of an explanation',
      () => explain(tape, y, x, any(16)),
      ValueError,
      /^explain: expected options, such as \{ gradient: … \}, got 16$/,
    ],
    ['an unknown option of steps', () => steps(tape, y, any({ seed: y })), ValueError, /^steps: there is no option seed/],
    ['a tensor in the place of options of steps', () => steps(tape, y, any(y)), ValueError, /^steps: expected options/],
    ['a tape that is none', () => toDot(any(5)), TapeError, /^toDot: expected a tape, got 5$/],
    [
      'an unknown option of a page',
      () => toHTML(tape, any({ titel: 'x' })),
      ValueError,
      /^toHTML: there is no option titel; did you mean title\?$/,
    ],
    ['a title that is no text', () => toHTML(tape, { title: any(5) }), ValueError, /^toHTML: expected title to be text, got 5$/],
    [
      'gradients that are no pairs',
      () => toHTML(tape, { gradients: any([x]) }),
      TapeError,
      /^toHTML: expected pairs of a tensor and its gradient, got a tensor of shape \[2\]$/,
    ],
    [
      'gradients that are no list',
      () => toHTML(tape, { gradients: any(5) }),
      ValueError,
      /^toHTML: expected gradients to be pairs of a tensor and its gradient, got 5$/,
    ],
    ['null for gradients', () => toHTML(tape, { gradients: any(null) }), ValueError, /got null$/],
  ]);

  test('none of these spoiled it', () => {
    expect(tape.backward(y, [x])[0].toArray()).toEqual([3, 4]);
  });
});
