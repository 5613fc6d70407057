import { concat, GRU, GRUCell, LSTM, LSTMCell, RNN, RNNCell, Tensor } from '../../../src/index.ts';
import type { LayerCase } from '../layer-case.ts';

const rows: LayerCase['inputs'] = ({ dtype, random }) => [
  Tensor.normal([2, 3], { dtype, random }),
  Tensor.normal([2, 2], { dtype, random }),
];
const sequences: LayerCase['inputs'] = ({ dtype, random }) => [Tensor.normal([2, 3, 3], { dtype, random })];
const stacked = { layers: 2, bidirectional: true } as const;

/** Outputs and the last state in one tensor. */
const joined = (ys: Tensor, ...states: Tensor[]): Tensor => concat([ys.flatten(), ...states.map((state) => state.flatten() as Tensor)]);

export default [
  { name: 'RNNCell', make: (options) => new RNNCell(3, 2, options), inputs: rows },
  { name: 'RNNCell, relu', make: (options) => new RNNCell(3, 2, { ...options, nonlinearity: 'relu' }), inputs: rows },
  {
    name: 'LSTMCell',
    make: (options) => new LSTMCell(3, 2, options),
    inputs: ({ dtype, random }) => [...rows({ dtype, random }), Tensor.normal([2, 2], { dtype, random })],
    call(cell: LSTMCell, x, h, c) {
      const next = cell.forward(x!, { h: h!, c: c! });
      return joined(next.h, next.c);
    },
  },
  { name: 'GRUCell', make: (options) => new GRUCell(3, 2, options), inputs: rows },
  { name: 'GRUCell, reset before', make: (options) => new GRUCell(3, 2, { ...options, resetAfter: false }), inputs: rows },
  { name: 'GRUCell, without biases', make: (options) => new GRUCell(3, 2, { ...options, bias: false }), inputs: rows },
  { name: 'RNN', make: (options) => new RNN(3, 2, options), inputs: sequences, call: (rnn: RNN, xs) => joined(...rnn.forward(xs!)) },
  {
    name: 'RNN, stacked, in both directions, with lengths',
    make: (options) => new RNN(3, 2, { ...options, ...stacked }),
    inputs: sequences,
    call: (rnn: RNN, xs) => joined(...rnn.forward(xs!, undefined, { lengths: [3, 1] })),
  },
  {
    name: 'LSTM, stacked, in both directions, with lengths',
    make: (options) => new LSTM(3, 2, { ...options, ...stacked }),
    inputs: sequences,
    call(lstm: LSTM, xs) {
      const [ys, { h, c }] = lstm.forward(xs!, undefined, { lengths: [1, 3] });
      return joined(ys, h, c);
    },
  },
  {
    name: 'LSTM, from a state',
    make: (options) => new LSTM(3, 2, options),
    inputs: ({ dtype, random }) => [
      ...sequences({ dtype, random }),
      Tensor.normal([2, 2], { dtype, random }),
      Tensor.normal([2, 2], { dtype, random }),
    ],
    call: (lstm: LSTM, xs, h, c) => lstm.forward(xs!, { h: h!, c: c! })[0],
  },
  { name: 'GRU', make: (options) => new GRU(3, 2, options), inputs: sequences, call: (gru: GRU, xs) => joined(...gru.forward(xs!)) },
  {
    name: 'GRU, stacked, with dropout, reset before',
    make: (options) => new GRU(3, 2, { ...options, layers: 2, dropout: 0.5, resetAfter: false }),
    inputs: sequences,
    call: (gru: GRU, xs) => joined(...gru.forward(xs!)),
    differsInTraining: true,
  },
] satisfies LayerCase[];
