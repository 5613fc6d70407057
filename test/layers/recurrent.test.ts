/** Recurrent networks against PyTorch's numbers, against their own cells step by step, and along very long sequences. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Adam,
  DtypeError,
  explain,
  GRU,
  GRUCell,
  LSTM,
  LSTMCell,
  parameters,
  Random,
  RNN,
  RNNCell,
  ShapeError,
  Tape,
  Tensor,
  training,
  ValueError,
} from '../../src/index.ts';
import { refuses } from '../lib/refuses.ts';
import { runs } from '../lib/runs.ts';
import { expectClose, spread } from '../lib/spread.ts';
import { float64, int32 } from '../lib/tensors.ts';

/**
 * PyTorch 2.13.0, float64: two layers in both directions along [3, 2] of 3 steps (`pack_padded_sequence`), from a state that is not 0. Weights,
 * inputs and state are those of `filled` and `spread`; `dx` and `squares`, the squared lengths of the gradients of all parameters, are of
 * `Σ ys² + Σ last³`.
 */
// biome-ignore format: numbers
const golden = {
  rnn: {
    ys: [0.97395037, -0.976360731, 0.542841561, -0.995901369, 0.9864411, -0.988318941, 0.267649708, -0.986948349, 0.949510522, -0.956856206, 0.290829445, -0.853919552, 0.891512836, -0.94736284, 0.604539101, -0.996458682, 0.984160833, -0.983305129, 0.841894571, -0.963781893, 0.0, 0.0, 0.0, 0.0],
    last: [[-0.217929729, -0.92406215, 0.188743079, -0.921589366, -0.903745302, 0.690242918, -0.903871263, 0.663014652, 0.949510522, -0.956856206, 0.984160833, -0.983305129, 0.542841561, -0.995901369, 0.604539101, -0.996458682]],
    dx: [-1.030688449, 0.296083221, -1.083216472, 0.020141901, -2.173957207, -0.385478393, -1.282677913, 0.183556459, -1.21370347, -0.309376484, 0.0, 0.0],
    squares: [0.587780324, 2.6287726, 2.105397493, 2.105397493, 1.324638295, 11.25683045, 53.226980787, 53.226980787, 2.666027676, 0.563120431, 1.378197489, 1.378197489, 53.313604855, 16.766060693, 23.175868583, 23.175868583],
  },
  relu: {
    ys: [2.86783, 0.0, 1.16128576, 0.0, 2.6827618, 0.0, 0.312132, 0.0, 1.686076828, 0.0, 0.0, 0.0, 1.31443, 0.0, 0.65432956, 0.0, 1.6691228, 0.0, 0.351042, 0.0, 0.0, 0.0, 0.0, 0.0],
    last: [[0.353344, 0.0, 0.837475, 0.0, 0.0, 1.33135, 0.0, 1.00835, 1.686076828, 0.0, 1.6691228, 0.0, 1.16128576, 0.0, 0.65432956, 0.0]],
    dx: [-20.806769803, -2.099209917, -25.687011935, -1.721094272, -7.514987266, -1.953896689, -13.061935732, -1.317029703, -24.386364483, -2.468912582, 0.0, 0.0],
    squares: [12.310871071, 1077.424102487, 1352.01682381, 1352.01682381, 358.791895753, 444.570171108, 5461.467219898, 5461.467219898, 4977.999017134, 5914.012753128, 2826.816799007, 2826.816799007, 597.141037713, 11.645449168, 141.62977111, 141.62977111],
  },
  lstm: {
    ys: [-0.320861905, 0.021273315, 0.048742011, 0.019550613, -0.50347889, 0.025149916, 0.036048915, 0.063831313, -0.629008523, 0.024870474, 0.020810788, 0.078994582, -0.196634624, -0.077294285, -0.072791678, -0.073333178, -0.346353922, -0.05446285, -0.124312266, -0.15317957, 0.0, 0.0, 0.0, 0.0],
    last: [[-0.50725094, -0.005160871, -0.53002506, 0.042742531, 0.081147935, -0.337005547, 0.203462513, -0.310238829, -0.629008523, 0.024870474, -0.346353922, -0.05446285, 0.048742011, 0.019550613, -0.072791678, -0.073333178], [-0.687500025, -0.045031361, -0.743374329, 0.318983089, 0.279732706, -0.811782745, 0.578354349, -0.827157507, -0.924503531, 0.061821871, -0.426994846, -0.16513095, 0.139591904, 0.032420644, -0.19231628, -0.138863001]],
    dx: [-0.435220291, 0.324382342, 0.141821281, 0.015411259, 0.583817354, -0.201031727, -0.174143822, 0.543918835, 0.63050146, -0.112665331, 0.0, 0.0],
    squares: [0.299977514, 0.398657008, 1.744574143, 1.744574143, 2.082938058, 0.65546844, 3.233222415, 3.233222415, 3.815814576, 0.653530313, 8.343648263, 8.343648263, 0.003463588, 0.0021627, 0.008318863, 0.008318863],
  },
  gru: {
    ys: [-0.17005962, -0.289644447, -0.164101101, 0.474079014, -0.451729768, -0.323238738, 0.17960317, 0.355287442, -0.591015917, -0.356471972, 0.190074251, 0.112884179, -0.617173922, 0.222963848, 0.368072009, 0.444112235, -0.743855427, 0.099788037, 0.406241615, 0.381177836, 0.0, 0.0, 0.0, 0.0],
    last: [[-0.020818251, 0.573103079, -0.217908262, 0.367846067, 0.468813913, -0.271091661, 0.171561132, -0.232054791, -0.591015917, -0.356471972, -0.743855427, 0.099788037, -0.164101101, 0.474079014, 0.368072009, 0.444112235]],
    dx: [-0.022887062, -0.181731875, -0.040946403, 0.064263132, 0.159353159, -0.109769968, 0.449634919, -0.148124736, 0.390850034, -0.202397026, 0.0, 0.0],
    squares: [0.048194108, 0.044052017, 0.19280634, 0.060560788, 0.307085123, 0.078577589, 0.509628674, 0.2178356, 0.482891074, 0.026718669, 1.514625669, 0.668321648, 1.875409347, 0.351333541, 11.283630288, 4.439262462],
  },
};

/** Gives the cells the weights of PyTorch's modules, which are the transposed ones, one after another. */
function filled<Net extends { readonly cells: readonly RNNCell[] | readonly LSTMCell[] | readonly GRUCell[] }>(net: Net): Net {
  let used = 0;
  for (const cell of net.cells)
    for (const parameter of [cell.weightInput, cell.weightHidden, cell.biasInput!, cell.biasHidden!]) {
      const numbers = Float64Array.from({ length: parameter.size }, (_, i) => ((((used + i) * 37) % 101) - 50) / 50);
      used += parameter.size;
      parameter.assign(
        Tensor.fromTypedArray(numbers, parameter.shape.toReversed()).permute(parameter.shape.map((_, i) => parameter.rank - 1 - i)),
      );
    }
  return net;
}

/** The outputs and the last state of a network, from a state. */
function ran(net: RNN | LSTM | GRU, xs: Tensor, h: Tensor, lengths?: readonly number[]): [Tensor, Tensor[]] {
  const options = lengths ? { lengths } : {};
  if (!(net instanceof LSTM)) {
    const [ys, last] = net.forward(xs, h, options);
    return [ys, [last]];
  }
  const [ys, last] = net.forward(xs, { h, c: h.neg() }, options);
  return [ys, [last.h, last.c]];
}

describe('a recurrent network has the outputs, states and gradients of PyTorch', () => {
  const options = { layers: 2, bidirectional: true, dtype: 'float64' } as const;
  const networks = {
    rnn: () => new RNN(2, 2, options),
    relu: () => new RNN(2, 2, { ...options, nonlinearity: 'relu' }),
    lstm: () => new LSTM(2, 2, options),
    gru: () => new GRU(2, 2, options),
  };

  test.each(['rnn', 'relu', 'lstm', 'gru'] as const)('%s', (name) => {
    const net = filled(networks[name]());
    const [xs, h] = [spread(29, 2, 3, 2), spread(29, 4, 2, 2).div(2) as Tensor];
    const tape = new Tape({ xs });
    let ys = xs;
    let last: Tensor[] = [];
    const loss = tape.record(() => {
      [ys, last] = ran(net, xs, h, [3, 2]);
      return last.reduce((sum, state) => sum.add(state.pow(3).sum()), ys.mul(ys).sum() as Tensor);
    });
    const wanted = golden[name];
    expectClose(ys, wanted.ys);
    last.forEach((state, i) => expectClose(state, wanted.last[i]!));
    const [dx, ...gradients] = tape.backward(loss, [xs, ...parameters(net)]) as Tensor[];
    expectClose(dx!, wanted.dx);
    expectClose(
      gradients.map((g) => g.mul(g).sum().item()),
      wanted.squares,
    );
  });
});

describe('one unit with weights of 0 shows which gate is which', () => {
  const quiet = (cell: GRUCell | LSTMCell, biasInput: readonly number[], biasHidden: readonly number[]) => {
    for (const parameter of parameters(cell)) parameter.assign(Tensor.zeros(parameter.shape, 'float64'));
    cell.biasInput!.assign(float64(biasInput));
    cell.biasHidden!.assign(float64(biasHidden));
  };
  const x = Tensor.zeros([1, 1], 'float64');

  test('a GRU resets after the product with the state by default, and before it as an option', () => {
    const [after, before] = [{}, { resetAfter: false }].map((options) => new GRUCell(1, 1, { ...options, dtype: 'float64' }));
    for (const cell of [after!, before!]) quiet(cell, [0, 0, 0], [0, 0, 1]);
    expect(after!.forward(x).item()).toBeCloseTo(Math.tanh(0.5) / 2, 14);
    expect(before!.forward(x).item()).toBeCloseTo(Math.tanh(1) / 2, 14);
  });

  test('an LSTM has its gates in the order i f g o', () => {
    const cell = new LSTMCell(1, 1, { dtype: 'float64' });
    quiet(cell, [1, 2, 3, 4], [0, 0, 0, 0]);
    const { h, c } = cell.forward(x, { h: x, c: Tensor.ones([1, 1], 'float64') });
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
    expect(c.item()).toBeCloseTo(sigmoid(2) + sigmoid(1) * Math.tanh(3), 14);
    expect(h.item()).toBeCloseTo(sigmoid(4) * Math.tanh(c.item()), 14);
    expect([c.item().toFixed(5), h.item().toFixed(5)]).toEqual(['1.60824', '0.90630']);
  });
});

/** A network, how many states it has, and its cell forward, of one layer. */
const kinds = ['RNN', 'LSTM', 'GRU', 'GRU, reset before'] as const;
function made(kind: (typeof kinds)[number], options: object): RNN | LSTM | GRU {
  const given = { dtype: 'float64', ...options } as const;
  if (kind === 'RNN') return new RNN(3, 2, given);
  return kind === 'LSTM' ? new LSTM(3, 2, given) : new GRU(3, 2, { ...given, resetAfter: kind === 'GRU' });
}

describe.each(kinds)('%s', (kind) => {
  test('is its cell, one step after another', () => {
    const net = made(kind, { seed: 1 });
    const xs = Tensor.normal([2, 5, 3], { seed: 2, dtype: 'float64' }) as Tensor;
    const h = Tensor.normal([2, 2], { seed: 3, dtype: 'float64' }) as Tensor;
    const [ys, last] = ran(net, xs, h);
    let state = kind === 'LSTM' ? [h, h.neg() as Tensor] : [h];
    for (let t = 0; t < 5; t++) {
      const cell = net.cells[0]!;
      const x = xs.slice([null, t]);
      if (cell instanceof LSTMCell) {
        const next = cell.forward(x, { h: state[0]!, c: state[1]! });
        state = [next.h, next.c];
      } else state = [cell.forward(x, state[0])];
      expect(
        state[0]!
          .sub(ys.slice([null, t]))
          .abs()
          .max()
          .item(),
      ).toBeLessThan(1e-14);
    }
    state.forEach((part, i) => expect(part.sub(last[i]!).abs().max().item()).toBeLessThan(1e-14));
  });

  test('gives each row what it gives it alone, without its padding, in both directions; past its end there is 0', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 2 }),
        fc.boolean(),
        fc.nat(),
        (lengths, layers, bidirectional, seed) => {
          const net = made(kind, { layers, bidirectional, seed });
          const [batch, states] = [lengths.length, layers * (bidirectional ? 2 : 1)];
          const xs = Tensor.normal([batch, 4, 3], { seed, dtype: 'float64' }) as Tensor;
          const h = Tensor.normal(states === 1 ? [batch, 2] : [states, batch, 2], { seed: 1, dtype: 'float64' }) as Tensor;
          const [ys, last] = ran(net, xs, h, lengths);
          lengths.forEach((length, row) => {
            const own = states === 1 ? h.slice([[row, row + 1]]) : h.slice([null, [row, row + 1]]);
            const [alone, lastAlone] = ran(
              net,
              xs.slice([
                [row, row + 1],
                [0, length],
              ]),
              own,
            );
            if (length > 0)
              expect(
                ys
                  .slice([row, [0, length]])
                  .sub(alone.slice([0]))
                  .abs()
                  .max()
                  .item(),
              ).toBeLessThan(1e-13);
            expect(ys.slice([row, [length, null]]).data.every((y) => y === 0)).toBe(true);
            last.forEach((state, i) => {
              const part = states === 1 ? state.slice([row]) : state.slice([null, row]);
              expect(part.sub(lastAlone[i]!.reshape(part.shape)).abs().max().item()).toBeLessThan(1e-13);
            });
          });
        },
      ),
      { numRuns: runs(20) },
    );
  });

  test('does not see what lies past the length of a row: neither NaN there nor its gradient', () => {
    const net = made(kind, { seed: 1, bidirectional: true });
    const xs = Tensor.normal([1, 3, 3], { seed: 2, dtype: 'float64' }) as Tensor;
    const spoiled = float64([[[0], [0], [1]]]).where(NaN, xs);
    const at = (given: Tensor) => {
      const tape = new Tape({ given });
      const y = tape.record(() => ran(net, given, Tensor.zeros([2, 1, 2], 'float64'), [2])[0].sum());
      return [y, ...(tape.backward(y, [given]) as Tensor[])].map((x) => x.toArray());
    };
    expect(at(spoiled)).toEqual(at(xs));
  });

  test('goes on where it was: a state that is passed on, from tape to tape, gives what the whole sequence gives', () => {
    const net = made(kind, { seed: 1 });
    const xs = Tensor.normal([2, 6, 3], { seed: 2, dtype: 'float64' }) as Tensor;
    const [whole] = net.forward(xs);
    const tapes = [new Tape(), new Tape()];
    let state: any;
    const parts = tapes.map((tape, i) =>
      tape.record(() => {
        const [ys, last] = net.forward(xs.slice([null, [3 * i, 3 * i + 3]]), state);
        state = last;
        return ys;
      }),
    );
    parts.forEach((part, i) => expect(part.toArray()).toEqual(whole.slice([null, [3 * i, 3 * i + 3]]).toArray()));
    expect(tapes[1]!.entries.length).toBeLessThanOrEqual(tapes[0]!.entries.length);
  });

  test('takes a sequence of no steps: the state stays', () => {
    const h = Tensor.ones([2, 2], 'float64') as Tensor;
    const [ys, last] = ran(made(kind, {}), Tensor.zeros([2, 0, 3], 'float64'), h);
    expect([ys.shape, last[0]!.toArray()]).toEqual([[2, 0, 2], h.toArray()]);
  });

  test('drops outputs between its layers in training only, and none after the last', () => {
    const xs = Tensor.ones([1, 1, 3], 'float64') as Tensor;
    const one = made(kind, { seed: 1, dropout: 0.9 });
    expect(training(() => one.forward(xs)[0]).toArray()).toEqual(one.forward(xs)[0].toArray());
    const two = made(kind, { seed: 1, dropout: 0.9, layers: 2 });
    const draws = Array.from({ length: 8 }, (_, seed) => training(() => two.forward(xs)[0].sum().item(), { random: new Random(seed) }));
    expect(new Set(draws).size).toBeGreaterThan(1);
    expect(two.forward(xs)[0].toArray()).toEqual(made(kind, { seed: 1, layers: 2 }).forward(xs)[0].toArray());
  });
});

test('10,000 steps and back, and explained, take no stack', { timeout: 120_000 }, () => {
  const rnn = new RNN(1, 1, { seed: 1 });
  const xs = Tensor.normal([1, 10_000, 1], { seed: 2 }) as Tensor;
  const tape = new Tape({ rnn });
  const y = tape.record(() => rnn.forward(xs)[1].sum());
  const { paths, gradient } = explain(tape, y, rnn.cells[0]!.biasHidden!, { most: 1 });
  expect([paths.length, gradient.shape]).toEqual([1, [1]]);
  expect(tape.backward(y).norm()).toBeGreaterThan(0);
});

test('an LSTM learns which number it saw first', () => {
  const random = new Random(3);
  const lstm = new LSTM(1, 8, { random });
  const head = new RNNCell(8, 1, { random });
  const optimizer = new Adam({ lstm, head }, { learningRate: 0.03 });
  const xs = Tensor.uniform([32, 4, 1], { low: -1, high: 1, random }) as Tensor;
  const target = xs.slice([null, 0]).sign() as Tensor;
  let loss = 1;
  for (let step = 0; step < 150; step++) {
    loss = optimizer.minimize(() => head.forward(lstm.forward(xs)[1].h).sub(target).pow(2).mean());
  }
  expect(loss).toBeLessThan(0.1);
});

test('weights start from U(±1/√hidden), drawn in the order of PyTorch, from the seed', () => {
  const gru = new GRU(50, 64, { layers: 2, seed: 5 });
  for (const w of parameters(gru)) {
    const most = w.abs().max().item();
    expect(most).toBeLessThanOrEqual(1 / 8);
    expect(most).toBeGreaterThan(0.9 / 8);
  }
  const bound = { low: -1 / 8, high: 1 / 8, random: new Random(5) };
  expect(gru.cells[0]!.weightInput.toArray()).toEqual(Tensor.uniform([50, 192], bound).toArray());
  expect(gru.cells[0]!.weightHidden.toArray()).toEqual(Tensor.uniform([64, 192], bound).toArray());
  expect(gru.cells.map(({ weightInput }) => weightInput.shape)).toEqual([[50, 192], [64, 192]]); // biome-ignore format: shapes
});

describe('what does not fit is refused, by name', () => {
  const gru = new GRU(3, 2, { layers: 2 });
  const lstm = new LSTM(3, 2);
  const xs = Tensor.zeros([2, 4, 3]) as Tensor;
  const rnn = new RNN(3, 2);
  refuses('%s', [
    ['sizes', () => new GRU(0, 2), ShapeError, /^GRU: expected inputs to be a whole number from 1, got 0$/],
    [
      'hidden sizes',
      () => new LSTM(3, '2' as never, { bidirectional: true }),
      /^LSTM: expected hidden to be a whole number from 1, got '2'/,
    ],
    ['another dtype', () => gru.forward(xs.cast('float64')), DtypeError, /^GRU: expected xs in float32, as the layer is, got float64/],
    ['whole numbers', () => lstm.forward(xs.cast('int32')), DtypeError, /^LSTM: expected xs in float32, as the layer is, got int32/],
    ['layers', () => new RNN(3, 2, { layers: 0 }), ValueError, /^RNN: expected layers to be a whole number from 1, got 0/],
    ['PyTorch’s word', () => new GRU(3, 2, { numLayers: 2 } as never), /^GRU: there is no option numLayers; /],
    ['an option of another', () => new LSTM(3, 2, { resetAfter: true } as never), /^LSTM: there is no option resetAfter/],
    [
      'a nonlinearity',
      () => new RNN(3, 2, { nonlinearity: 'sin' as never }),
      /^RNN: expected nonlinearity to be 'tanh' or 'relu', got 'sin'/,
    ],
    ['a dtype', () => new GRU(3, 2, { dtype: 'int32' as never }), DtypeError, /^GRU: expected the dtype/],
    ['dropout', () => new GRU(3, 2, { dropout: 1.5 }), ValueError, /^GRU: expected dropout/],
    [
      'both a seed and a generator',
      () => new GRU(3, 2, { seed: 1, random: new Random(1) }),
      /^GRU: expected a generator or a seed, got both/,
    ],
    ['no tensor', () => rnn.forward([1] as never), DtypeError, /^RNN: expected a tensor for xs, got an array/],
    [
      'a sequence without a batch',
      () => rnn.forward(xs.slice([0])),
      ShapeError,
      /^RNN: expected xs of shape \[batch, time, 3\], got \[4, 3\]/,
    ],
    ['another width', () => rnn.forward(Tensor.zeros([2, 4, 5])), /^RNN: expected xs of shape \[batch, time, 3\], got \[2, 4, 5\]/],
    ['the state of one layer', () => gru.forward(xs, Tensor.zeros([2, 2])), /^GRU: expected state of shape \[2, 2, 2\], got \[2, 2\]/],
    ['a tensor for {h, c}', () => lstm.forward(xs, Tensor.zeros([2, 2]) as never), /^LSTM: expected a state \{ h, c \}, got a tensor/],
    ['a state of another dtype', () => rnn.forward(xs, Tensor.zeros([2, 2], 'float64')), DtypeError, /^RNN: expected state in float32/],
    ['the lengths in place of options', () => rnn.forward(xs, undefined, [1, 2] as never), /^RNN: expected options/],
    [
      'lengths beyond',
      () => rnn.forward(xs, undefined, { lengths: [5, 1] }),
      ValueError,
      /^RNN: expected lengths from 0 to 4, got 5 at place 0/,
    ],
    [
      'lengths of no row',
      () => rnn.forward(xs, undefined, { lengths: int32([1]) }),
      /^RNN: expected lengths in int32 of shape \[2\], got int32 \[1\]/,
    ],
    [
      'lengths in floats',
      () => rnn.forward(xs, undefined, { lengths: Tensor.of([1, 2]) }),
      /^RNN: expected lengths in int32 of shape \[2\], got float32 \[2\]/,
    ],
    [
      'lengths in rows',
      () => rnn.forward(xs, undefined, { lengths: int32([[1], [2]] as never) }),
      /^RNN: expected lengths in int32 of shape \[2\], got int32 \[2, 1\]/,
    ],
    [
      'parts of steps',
      () => rnn.forward(xs, undefined, { lengths: [0.5, 1] }),
      /^RNN: expected lengths that are whole numbers, got \[0.5,1\]/,
    ],
    ['a row in a cell', () => new RNNCell(3, 2).forward(Tensor.zeros([3])), /^RNNCell: expected x of shape \[batch, 3\], got \[3\]/],
    ['half a state', () => new LSTMCell(3, 2).forward(Tensor.zeros([1, 3]), { h: xs } as never), /^LSTMCell: expected a state \{ h, c \}/],
    [
      'a state of another size',
      () => new GRUCell(3, 2).forward(Tensor.zeros([1, 3]), xs),
      /^GRUCell: expected h of shape \[1, 2\], got \[2, 4, 3\]/,
    ],
  ]);
});
