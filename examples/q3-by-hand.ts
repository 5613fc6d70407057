/**
 * Question 3. Implement the network drawn in the assignment, including the weights. Perform one forward pass, up to the loss on the target value, and
 * one backward pass. Report the derivatives on all weights (including biases). Do not use anything more than plain Python and the math package.
 *
 *     k = x W + b     two inputs, three hidden units
 *     h = σ(k)        σ(k) = 1 / (1 + e⁻ᵏ)
 *     o = h V + c     two outputs
 *     y = softmax(o)
 *     l = −log y_t    t is the target class
 *
 * `byHand` is that in plain TypeScript, with loops, scalars and `Math`. `byTape` is the same in tapegrad, which works out the backward pass itself.
 * They agree, on the assignment's network and on a generic one. The second is needed: the assignment's V has equal columns and the two elements of
 * do = y − [i = t] sum to 0, so the gradient of the hidden units is 0, and so are dW and db, whether the rest of the backward pass is right or wrong.
 *
 * Run with `npm run example q3`.
 */

import { crossEntropy, Tape, Tensor } from 'tapegrad';
import { table, tiny } from './lib/compare.ts';
import { saveFigures } from './lib/output.ts';

interface Network {
  readonly x: number[];
  readonly W: number[][];
  readonly b: number[];
  readonly V: number[][];
  readonly c: number[];
  readonly target: number;
}

const DRAWN: Network = {
  x: [1, -1],
  W: [
    [1, 1, 1],
    [-1, -1, -1],
  ],
  b: [0, 0, 0],
  V: [
    [1, 1],
    [-1, -1],
    [-1, -1],
  ],
  c: [0, 0],
  target: 0,
};

const GENERIC: Network = {
  x: [1, -1],
  W: [
    [1, -1, 0.5],
    [-0.5, 0.5, -1],
  ],
  b: [0.1, 0.3, -0.3],
  V: [
    [1, -0.5],
    [-1, 0.3],
    [0.2, -1],
  ],
  c: [0.05, -0.05],
  target: 0,
};

/**
 * One forward and one backward pass, number by number.
 * @param summed how many hidden units each output sums; by default all of them, fewer to reproduce the report's mistake
 */
function byHand({ x, W, b, V, c, target }: Network, summed = b.length) {
  const k: number[] = [];
  for (let j = 0; j < b.length; j++) {
    k[j] = 0;
    for (let i = 0; i < x.length; i++) k[j]! += x[i]! * W[i]![j]!;
    k[j]! += b[j]!;
  }
  const h = k.map((kj) => 1 / (1 + Math.exp(-kj)));
  const o: number[] = [];
  for (let j = 0; j < c.length; j++) {
    o[j] = 0;
    for (let i = 0; i < summed; i++) o[j]! += h[i]! * V[i]![j]!;
    o[j]! += c[j]!;
  }
  const largest = Math.max(...o);
  const powers = o.map((oj) => Math.exp(oj - largest));
  const y = powers.map((power) => power / powers.reduce((a, b) => a + b));
  const loss = -Math.log(y[target]!);

  const d_o = y.map((yj, j) => yj - (j === target ? 1 : 0)); // question 2
  const dV = h.map((hi) => d_o.map((doj) => hi * doj));
  const dc = d_o;
  const dk: number[] = [];
  for (let i = 0; i < h.length; i++) {
    let dh = 0;
    for (let j = 0; j < c.length; j++) dh += d_o[j]! * V[i]![j]!;
    dk[i] = dh * h[i]! * (1 - h[i]!); // σ′ = σ (1 − σ)
  }
  const dW = x.map((xi) => dk.map((dkj) => xi * dkj));
  const db = dk;
  return { k, h, o, y, loss, dW, db, dV, dc };
}

const float64 = (values: number[] | number[][]): Tensor => Tensor.of(values, 'float64');

/** The same, with tensors. The input is a batch of one row. */
function byTape(network: Network) {
  const x = float64([network.x]);
  const [W, b] = [float64(network.W), float64(network.b)];
  const [V, c] = [float64(network.V), float64(network.c)];
  const t = Tensor.of([network.target], 'int32');
  const tape = new Tape({ x, W, b, V, c, t });
  const loss = tape.record(() => {
    const h = x.matmul(W).add(b).sigmoid();
    const o = h.matmul(V).add(c);
    return crossEntropy(o, t, { reduction: 'sum' });
  });
  const [dW, db, dV, dc] = tape.backward(loss, [W, b, V, c]).map((gradient) => gradient.toArray());
  return { loss: loss.item(), dW, db, dV, dc, tape: String(tape) };
}

type Passes = ReturnType<typeof byHand>;

const GRADIENTS = ['dW', 'db', 'dV', 'dc'] as const;
type Gradients = Pick<Passes, (typeof GRADIENTS)[number] | 'loss'>;
const flat = (values: number | number[] | number[][]): number[] => [values].flat(2);
const text = (values: number | number[] | number[][]): string => JSON.stringify(values).replaceAll(',', ', ');
const furthest = (a: Gradients, b: Gradients): number =>
  Math.max(...(['loss', ...GRADIENTS] as const).flatMap((name) => flat(a[name]).map((value, i) => Math.abs(value - flat(b[name])[i]!))));

const solved = Object.entries({ drawn: DRAWN, generic: GENERIC }).map(([name, network]) => {
  const [hand, tape, mistaken] = [byHand(network), byTape(network), byHand(network, network.c.length)];
  const backward = (passes: Gradients) => GRADIENTS.map((name) => `    ${name}   = ${text(passes[name])}`).join('\n');
  console.log(`${name === 'drawn' ? "The assignment's network" : 'A generic network'}, target class ${network.target}

  x = ${text(network.x)}
  W = ${text(network.W)}, b = ${text(network.b)}
  V = ${text(network.V)}, c = ${text(network.c)}

  forward, by hand
${(['k', 'h', 'o', 'y', 'loss'] as const).map((name) => `    ${name.padEnd(4)} = ${text(hand[name])}`).join('\n')}

  backward, by hand
${backward(hand)}

  forward, by tape
    ${tape.tape.replaceAll('\n', '\n    ')}
    loss = ${tape.loss}

  backward, by tape; the largest difference from the derivatives by hand is ${tiny(furthest(hand, tape))}
${backward(tape)}
`);
  return { name, hand, tape, mistaken };
});

// In the report each output sums `n_out` hidden units instead of `n_hidden`: two of three.
const [drawn, generic] = solved as [(typeof solved)[number], (typeof solved)[number]];
const compared: [string, (passes: Passes) => number][] = [
  ['o[0]', ({ o }) => o[0]!],
  ['loss', ({ loss }) => loss],
  ...[0, 1, 2].map((j): [string, (passes: Passes) => number] => [`dW[0][${j}]`, ({ dW }) => dW[0]![j]!]),
  ...[0, 1, 2].map((i): [string, (passes: Passes) => number] => [`dV[${i}][0]`, ({ dV }) => dV[i]![0]!]),
  ['dc[0]', ({ dc }) => dc[0]!],
];
console.log(`The report's mistake: the outputs leave out the third hidden unit. On the assignment's network neither loss nor derivatives show it, on the generic one all do
${table(
  ['', "assignment's", 'with mistake', 'generic', 'with mistake'],
  compared.map(([name, of]) => [name, of(drawn.hand), of(drawn.mistaken), of(generic.hand), of(generic.mistaken)]),
)}`);

saveFigures(
  'q3',
  Object.fromEntries(solved.map(({ name, hand, tape, mistaken }) => [name, { ...hand, tape: tape.tape.split('\n'), mistaken }])),
);
