/** The models that are trained beside the plain network, and the numbers that they begin with. */

import { writeFileSync } from 'node:fs';
import { Random } from 'tapegrad';

/** A model as all contenders read it: how its parameters are named and shaped, in this order, and what it is trained on. */
interface Model {
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  readonly rate: number;
  /** The shape of one example, numbers or words, and of its targets. */
  readonly example: readonly number[];
  readonly targets: readonly number[];
  readonly batch: number;
  /** How many classes there are, which are also the words of a vocabulary. */
  readonly classes: number;
  readonly words: boolean;
}

const VOCABULARY = 65;
const WIDTH = 64;
const linear = (name: string, inputs: number, outputs: number) => ({ [`${name}.weight`]: [inputs, outputs], [`${name}.bias`]: [outputs] });
const norm = (name: string) => ({ [`${name}.weight`]: [WIDTH], [`${name}.bias`]: [WIDTH] });

const block = (name: string) => ({
  ...linear(`${name}.attention.query`, WIDTH, WIDTH),
  ...linear(`${name}.attention.key`, WIDTH, WIDTH),
  ...linear(`${name}.attention.value`, WIDTH, WIDTH),
  ...linear(`${name}.attention.output`, WIDTH, WIDTH),
  ...norm(`${name}.attentionNorm`),
  ...linear(`${name}.feedForward.layers.0`, WIDTH, 4 * WIDTH),
  ...linear(`${name}.feedForward.layers.3`, 4 * WIDTH, WIDTH),
  ...norm(`${name}.feedForwardNorm`),
});

export const models: Readonly<Record<string, Model>> = {
  cnn: {
    parameters: {
      'first.weight': [8, 1, 5, 5],
      'first.bias': [8],
      'second.weight': [16, 8, 5, 5],
      'second.bias': [16],
      ...linear('head', 256, 10),
    },
    rate: 0.01,
    example: [1, 28, 28],
    targets: [],
    batch: 64,
    classes: 10,
    words: false,
  },
  transformer: {
    parameters: {
      'embedding.weight': [VOCABULARY, WIDTH],
      'positions.weight': [64, WIDTH],
      ...block('encoder.layers.0'),
      ...block('encoder.layers.1'),
      ...norm('encoder.norm'),
      ...linear('head', WIDTH, VOCABULARY),
    },
    rate: 0.001,
    example: [64],
    targets: [64],
    batch: 8,
    classes: VOCABULARY,
    words: true,
  },
  gru: {
    parameters: {
      'embedding.weight': [VOCABULARY, 32],
      'gru.cells.0.weightInput': [32, 384],
      'gru.cells.0.weightHidden': [128, 384],
      'gru.cells.0.biasInput': [384],
      'gru.cells.0.biasHidden': [384],
      ...linear('head', 128, VOCABULARY),
    },
    rate: 0.001,
    example: [64],
    targets: [64],
    batch: 16,
    classes: VOCABULARY,
    words: true,
  },
};

/** How many batches there are, one after another, over and over. */
const COUNT = 8;

/** Writes what each model is, its batches, and its parameters: gains of norms are 1, biases 0, weights U(±1/√inputs). */
export function writeModels(folder: string): void {
  const random = new Random(2);
  const many = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
  for (const [name, { parameters, ...model }] of Object.entries(models)) {
    const { batch, example, targets, classes, words } = model;
    writeFileSync(`${folder}/${name}.json`, JSON.stringify({ parameters, ...model }));
    const word = () => Math.floor(random.uniform(0, classes));
    const length = COUNT * batch * many(example);
    const x = words ? Int32Array.from({ length }, word) : Float32Array.from({ length }, () => random.uniform(0, 1));
    writeFileSync(`${folder}/${name}-x.bin`, x);
    writeFileSync(`${folder}/${name}-y.bin`, Int32Array.from({ length: COUNT * batch * many(targets) }, word));
    Object.entries(parameters).forEach(([parameter, shape], i) => {
      const isGain = parameter.endsWith('orm.weight');
      const inputs = shape.length === 4 ? many(shape.slice(1)) : shape[0]!;
      const bound = isGain || shape.length === 1 ? 0 : 1 / Math.sqrt(parameter.startsWith('gru') ? 128 : inputs);
      writeFileSync(
        `${folder}/${name}-p${i}.bin`,
        Float32Array.from({ length: many(shape) }, () => (isGain ? 1 : random.uniform(-bound, bound || 1e-30))),
      );
    });
  }
}
