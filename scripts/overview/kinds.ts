/** Under which headings the overview lists what is exported: by the room of the house, so a new file of a room needs no word here. */

import type { Item } from './exports.ts';

/** A heading of the overview, and what stands below it. */
export interface Kind {
  readonly title: string;
  /** What holds for all of them. */
  readonly about: string;
  /** Whether something belongs here, by the path of its file below `src/` and by its name. */
  readonly has: (path: string, name: string) => boolean;
}

const below =
  (...rooms: readonly string[]) =>
  (path: string): boolean =>
    rooms.some((room) => path.startsWith(room));

const isOperation = (name: string): boolean => /Op$|^perform$|^formula$/.test(name);
const isLoss = (path: string, name: string): boolean => path.startsWith('functions/losses/') || name === 'SoftmaxCrossEntropy';
const isOptimizer = (path: string, name: string): boolean =>
  /^[A-Z]/.test(name) || /^optim\/(parameter-groups|optimizer-state)\./.test(path);

/** In the order of the overview. Everything belongs to exactly one, which a test checks. */
export const kinds: readonly Kind[] = [
  {
    title: 'Tensors',
    about: 'A `Tensor` never changes. A `Parameter` is a tensor that an optimizer may change.',
    has: (path, name) => /^tensor\/(?!buffer|training|sampling)/.test(path) && name !== 'where' && !isOperation(name),
  },
  {
    title: 'Random numbers and choices',
    about:
      'They come from the default generator, from a `seed`, or from a generator, `random`; `Tensor.uniform` and `Tensor.normal` as well.',
    has: below('tensor/sampling.ts'),
  },
  {
    title: 'Elementwise functions',
    about: 'Each element of the result comes from one element of each input, after broadcasting.',
    has: (path, name) => path.startsWith('functions/elementwise/') || name === 'where',
  },
  { title: 'Rearranging', about: 'Elements moved, repeated, joined, or taken by index.', has: below('functions/layout/') },
  { title: 'Norms, sorting, running totals', about: 'Functions along an axis or several.', has: below('functions/sums/') },
  {
    title: 'Linear algebra',
    about: 'The last two axes are a matrix, those before them a batch.',
    has: below('functions/linalg/'),
  },
  {
    title: 'Convolution, pooling, normalization, embedding, attention',
    about: 'Images are `[batch, channels, height, width]`.',
    has: below('functions/nn/'),
  },
  {
    title: 'Losses',
    about:
      "They take `(prediction, target, options)`, those of pairs `(a, b, target, options)`. Classes are axis 1: `[n, classes, …]`. The option `reduction` is `'mean'` (default), `'sum'` or `'none'`.",
    has: isLoss,
  },
  {
    title: 'Layers',
    about:
      'A layer is an object with a method `forward`, or any function of a tensor. Recurrent layers return `[outputs, lastState]`, with outputs `[batch, time, width]`.',
    has: (path, name) => path.startsWith('layers/') && path !== 'layers/state.ts' && !isLoss(path, name),
  },
  {
    title: 'Parameters of a model',
    about: 'Found by walking the properties of a model; nothing is registered.',
    has: below('layers/state.ts', 'tensor/buffer.ts'),
  },
  {
    title: 'Optimizers',
    about:
      'Made of `(model, options)`; `minimize(lossOf)` is a whole step, `step(gradients)` its last part. The option `frozen` names layers or parameters that stay as they are, `groups` gives some parameters options of their own.',
    has: (path, name) => path.startsWith('optim/') && isOptimizer(path, name),
  },
  {
    title: 'Schedules',
    about: 'A learning rate that depends on the step: give one to an optimizer as its `learningRate`.',
    has: (path, name) => path.startsWith('optim/') && !isOptimizer(path, name),
  },
  {
    title: 'Training',
    about: 'What is recorded is in training, all else in evaluation. `fit` is the whole loop, the others are its parts.',
    has: below('training/', 'tensor/training-scope.ts'),
  },
  { title: 'Data', about: 'Imported from `tapegrad/datasets`.', has: below('datasets/', 'io/idx.ts') },
  { title: 'Files', about: 'Imported from `tapegrad/io`.', has: (path) => path.startsWith('io/') && path !== 'io/idx.ts' },
  { title: 'Sweeps', about: 'Imported from `tapegrad/sweep`: [sweeps.md](sweeps.md).', has: below('sweep/') },
  { title: 'Metrics', about: 'Of predicted classes, or of scores `[rows, classes]`.', has: below('metrics/') },
  {
    title: 'The tape',
    about: 'What was computed, and its derivatives.',
    has: (path) => /^autograd\/[^/]*$/.test(path),
  },
  { title: 'Functions of functions', about: 'They nest in any order, to any depth.', has: below('autograd/transforms/') },
  { title: 'Views of a tape', about: 'A computation as a picture, or step by step.', has: below('autograd/view/') },
  {
    title: 'Checks',
    about: 'An error says which argument, which element, and both numbers.',
    has: below('autograd/checks/'),
  },
  {
    title: 'Operations of your own',
    about: 'Declared in one literal, as those of the library are.',
    has: (path, name) => path.startsWith('formula/') || (path.startsWith('tensor/') && isOperation(name)),
  },
  { title: 'Random numbers', about: 'The generator is the Mersenne twister of NumPy’s `RandomState`.', has: below('base/random.ts') },
  { title: 'Backend', about: 'What does the arithmetic. The bits do not depend on it.', has: below('machine/') },
  { title: 'Errors', about: 'All are `TapegradError`s.', has: below('base/errors.ts') },
];

/** The kinds of something, by its file and name: one, if the list above is right. */
export const kindsOf = ({ file, name }: Item): Kind[] => kinds.filter(({ has }) => has(file.replace(/^src\//, ''), name));
