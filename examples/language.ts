/**
 * What does it take to guess the next letter: the last one, a state, or attention?
 *
 * The text is Alice's Adventures in Wonderland (Lewis Carroll 1865), 148,000 characters, of which the last tenth is held out. Four models say how likely each character is
 * to come next, and are compared by their perplexity on the part held out: as many equally likely characters would be as hard to guess.
 *
 * 1. How often each character occurs. 2. How often it follows the one before.
 * 3. A gated recurrent unit, which reads one character at a time and keeps a state of 128 numbers. It reads 64 parts of the text side by side, 32 characters
 *    in a step; the state at the end of a step is simply the first of the next. It came from another tape, so no gradient goes back through it, but what was
 *    read is not forgotten.
 * 4. A Transformer of two blocks, which keeps nothing: it looks at the last 64 characters themselves, those before a character with `causal`. To write, it
 *    keeps the keys and values of what it has read, `next`, and makes only those of the new character.
 *
 * To write, a character is drawn, and read as the next. The logits are divided by a temperature first: below 1 the likely characters become likelier.
 *
 * Run with `npm run example language`. It takes some minutes.
 */

import {
  Adam,
  AdamW,
  bincount,
  categorical,
  concat,
  crossEntropy,
  Embedding,
  embedding,
  fit,
  GRU,
  type KeyValues,
  Linear,
  oneCycle,
  Progress,
  parameters,
  perplexity,
  Random,
  Tensor,
  TransformerEncoder,
  train,
} from 'tapegrad';
import { DataLoader, Dataset } from 'tapegrad/datasets';
import { table } from './lib/compare.ts';
import { curves } from './lib/curves.ts';
import { quick, saveFigures, savePicture, seed, epochs as wanted } from './lib/output.ts';
import { Alphabet, type Guesses, readText, streams, windows } from './lib/text.ts';
import './lib/revectorize.ts';

const EPOCHS = wanted ?? (quick ? 1 : 8);
/** How many streams the recurrent model reads side by side, and how many characters of each in a step. */
const [ROWS, STEP] = [64, 32];
/** How many characters the Transformer looks at. */
const CONTEXT = 64;
const HALF = CONTEXT / 2;
const WRITTEN = quick ? 40 : 400;

const text = quick ? readText('alice.txt').slice(0, 12_000) : readText('alice.txt');
const alphabet = new Alphabet(text);
const all = alphabet.encode(text);
const end = Math.floor(0.9 * all.size);
const [learned, rest] = [all.slice([[0, end]]), all.slice([[end]])];
const held = streams(rest, 16, HALF);
console.log(
  `${all.size.toLocaleString('en')} characters, ${alphabet.size} different ones, the last ${rest.size.toLocaleString('en')} held out\n`,
);

/** The mean loss of guesses `[…, length, characters]`. */
const lossOf = (logits: Tensor, y: Tensor): Tensor => crossEntropy(logits.flatten(0, -2), y.flatten());
/** All columns but the first of each held stream: there too little was read to guess. */
const counted = (x: Tensor): Tensor => x.slice([null, [HALF]]);

// Counts. Their logarithms are logits: the softmax divides each count by the sum of its row.

const { size } = alphabet;
const before = learned.slice([[0, -1]]);
const after = learned.slice([[1]]);
/** A row for each character: how often each came next, and a tenth more, so that nothing is impossible. */
const pairs: Tensor = bincount(before.mul(size).add(after), { minLength: size * size })
  .reshape([size, size])
  .cast('float32')
  .add(0.1);
const rows = { frequencies: pairs.sum(0, { keepDims: true }).broadcastTo([size, size]).log(), pairs: pairs.log() };
const guessedBy = (table: Tensor): number => perplexity(counted(embedding(table, held.x)), counted(held.y));

// A recurrent network.

const random = new Random(seed);

class Recurrent {
  readonly embedding = new Embedding(size, 32, { random });
  readonly gru = new GRU(32, 128, { random });
  readonly head = new Linear(128, size, { random });

  /** The logits of what comes next, `[rows, time, characters]`, and the state after the last one. */
  forward(x: Tensor, state?: Tensor): [logits: Tensor, state: Tensor] {
    const [ys, last] = this.gru.forward(this.embedding.forward(x), state);
    return [this.head.forward(ys), last];
  }
}

const recurrent = new Recurrent();
const steps = windows(streams(learned, ROWS, STEP), STEP).map((window, i) => ({ ...window, isFirst: i === 0 }));
const cycle = (max: number, length: number) => oneCycle({ max, steps: EPOCHS * length, warmupFraction: 0.2 }).learningRate;
/** The perplexity on the part held out, with the state carried through it, or cut off after so many characters. */
function recurrentPerplexity(unit?: number): number {
  if (unit === undefined) return perplexity(counted(recurrent.forward(held.x)[0]), counted(held.y));
  const parts = windows(held, unit).map(({ x }) => recurrent.forward(x)[0]);
  return perplexity(counted(concat(parts, 1)), counted(held.y));
}

let state: Tensor | undefined;
const training = train(
  {
    model: recurrent,
    optimizer: new Adam(recurrent, { learningRate: cycle(0.01, steps.length) }),
    data: steps,
    loss({ x, y, isFirst }) {
      const [logits, last] = recurrent.forward(x, isFirst ? undefined : state);
      state = last;
      return lossOf(logits, y);
    },
  },
  { epochs: EPOCHS, clipNorm: 1 },
);
const progress = new Progress({ epochs: EPOCHS });
const curve = { gru: [] as number[], transformer: [] as number[] };
console.log('Gated recurrent unit');
for await (const at of training) {
  progress.step(at);
  if (!at.endOfEpoch) continue;
  curve.gru.push(recurrentPerplexity());
  progress.epoch({ epoch: at.epoch, loss: at.epochLoss, perplexity: curve.gru.at(-1)! });
}

// A Transformer.

class Transformer {
  readonly embedding = new Embedding(size, 64, { random });
  readonly encoder = new TransformerEncoder(2, 64, 4, { normFirst: true, rotary: true, dropout: 0, random });
  readonly head = new Linear(64, size, { random });

  forward(x: Tensor): Tensor {
    return this.head.forward(this.encoder.forward(this.embedding.forward(x), { causal: true }));
  }

  /** The same, going on after what it has seen. */
  next(x: Tensor, past?: readonly KeyValues[]): [logits: Tensor, past: readonly KeyValues[]] {
    const [y, keyValues] = this.encoder.next(this.embedding.forward(x), past);
    return [this.head.forward(y), keyValues];
  }
}

const transformer = new Transformer();
/** Windows as examples, `[windows, CONTEXT]`: their order does not matter, since nothing is carried. */
const examplesOf = (guesses: readonly Guesses[]) => new Dataset(concat(guesses.map(({ x }) => x)), concat(guesses.map(({ y }) => y)));
const windowed = examplesOf(windows(streams(learned, 1, CONTEXT), CONTEXT));
const loader = new DataLoader(windowed, { batchSize: 16, shuffle: true, seed });
/** Of these windows only the second halves are guessed, which together are what the others guess. */
const halves = examplesOf(windows(held, CONTEXT, HALF));
console.log('\nTransformer');
const { history } = await fit(transformer, loader, {
  optimizer: new AdamW(transformer, { learningRate: cycle(0.004, loader.length) }),
  loss: lossOf,
  validation: new DataLoader(halves, { batchSize: 32 }),
  metrics: { lossOfSecondHalf: (logits: Tensor, y: Tensor) => lossOf(counted(logits), counted(y)).item() },
  epochs: EPOCHS,
  clipNorm: 1,
  random,
});
curve.transformer.push(...history.map(({ lossOfSecondHalf }) => Math.exp(lossOfSecondHalf)));

// Writing.

/** Writes on after a beginning: `next` takes characters and says how likely each is to follow the last of them. */
function written(next: (characters: Tensor) => Tensor, beginning: string, temperature: number): string {
  const draw = new Random(seed);
  const found = [...alphabet.encode(beginning).data];
  let logits = next(Tensor.of([found], 'int32'));
  while (found.length < WRITTEN) {
    const probabilities = logits.slice([0, -1]).div(temperature).softmax();
    found.push(categorical(probabilities, { random: draw }).item());
    logits = next(Tensor.of([found.slice(-1)], 'int32'));
  }
  return alphabet.decode(found);
}

function recurrentWriter(): (characters: Tensor) => Tensor {
  let state: Tensor | undefined;
  return (characters) => {
    const [logits, last] = recurrent.forward(characters, state);
    state = last;
    return logits;
  };
}

/** It has learned to look back `CONTEXT` characters; when it has seen so many, it begins again with the last half of them. */
function transformerWriter(): (characters: Tensor) => Tensor {
  let seen = Tensor.zeros([1, 0], 'int32') as Tensor;
  let past: readonly KeyValues[] | undefined;
  return (characters) => {
    seen = concat([seen, characters], 1);
    const isFull = seen.shape[1]! > CONTEXT;
    if (isFull) seen = seen.slice([null, [-HALF]]);
    const [logits, keyValues] = transformer.next(isFull ? seen : characters, isFull ? undefined : past);
    past = keyValues;
    return logits;
  };
}

const count = (model: object) => parameters(model).reduce((sum, parameter) => sum + parameter.size, 0);
const results = [
  { model: 'how often it occurs', perplexity: guessedBy(rows.frequencies), numbers: size },
  { model: 'pairs of characters', perplexity: guessedBy(rows.pairs), numbers: size * size },
  { model: 'recurrent, state cut off', perplexity: recurrentPerplexity(STEP), numbers: count(recurrent) },
  { model: 'recurrent, state carried', perplexity: recurrentPerplexity(), numbers: count(recurrent) },
  { model: 'Transformer', perplexity: curve.transformer.at(-1)!, numbers: count(transformer) },
];
console.log(
  `\n${table(
    ['model', 'perplexity', 'bits a character', 'numbers'],
    results.map(({ model, perplexity, numbers }) => [model, perplexity, Math.log2(perplexity), numbers.toLocaleString('en')]),
    2,
  )}`,
);
const texts = [0.5, 1].flatMap((temperature) => [
  { model: 'recurrent', temperature, text: written(recurrentWriter(), 'Alice ', temperature) },
  { model: 'Transformer', temperature, text: written(transformerWriter(), 'Alice ', temperature) },
]);
for (const { model, temperature, text } of texts) console.log(`\n-- ${model}, temperature ${temperature}\n${text}`);

saveFigures('language', { seed, characters: all.size, held: rest.size, results, perplexityByEpoch: curve, texts });
const ofEpochs = (values: readonly number[]) => values.map((value, i) => [i + 1, value] as const);
const level = (name: string, value: number) => ({ name, points: ofEpochs(Array(EPOCHS).fill(value)), dashed: true });
savePicture(
  'language',
  curves(
    [
      { name: 'recurrent', points: ofEpochs(curve.gru) },
      { name: 'Transformer', points: ofEpochs(curve.transformer) },
      level('pairs of characters', results[1]!.perplexity),
    ],
    { title: 'Perplexity on the part held out', x: 'epoch', y: 'equally likely characters', log: true, width: 760 },
  ),
);
