/** All names side by side, and those that exist in tapegrad alone. */

import { attentionNames } from './attention.ts';
import { autograd } from './autograd.ts';
import { files } from './files.ts';
import { functions } from './functions.ts';
import { loops } from './loops.ts';
import { networks } from './networks.ts';
import type { Section } from './row.ts';
import { selection } from './selection.ts';
import { sequences } from './sequences.ts';
import { sweeps } from './sweeps.ts';
import { tensors } from './tensors.ts';
import { training } from './training.ts';

/** The sections, by the file in which their text is found. */
export const sections: Readonly<Record<string, readonly Section[]>> = {
  'scripts/coming-from/tensors.ts': tensors,
  'scripts/coming-from/functions.ts': functions,
  'scripts/coming-from/selection.ts': selection,
  'scripts/coming-from/networks.ts': networks,
  'scripts/coming-from/attention.ts': attentionNames,
  'scripts/coming-from/sequences.ts': sequences,
  'scripts/coming-from/training.ts': training,
  'scripts/coming-from/loops.ts': loops,
  'scripts/coming-from/files.ts': files,
  'scripts/coming-from/sweeps.ts': sweeps,
  'scripts/coming-from/autograd.ts': autograd,
};

/** Exports and members of `Tensor` with no counterpart elsewhere, and what they are for. Errors have none either. */
export const noCounterpart: Readonly<Record<string, string>> = {
  explain: 'every path along which a gradient comes back, with all that is passed along it',
  steps: 'the sweep, one rule at a time',
  threadsReady: 'when the threads that were asked for have started',
  toHTML: 'a tape as a page that shows every number',
  toMermaid: 'a tape as a picture in Markdown',
  compareDerivatives: 'a derivative by hand, by the tape and by small steps, side by side',
  checkOperation: 'checks an operation of your own as the library checks its own',
  perform: 'performs an operation by its literal',
  formula: 'a function of one element, read as plain JavaScript and as a kernel',
  synthetic: 'points inside and outside of an ellipse, to learn from without a download',
  spirals: 'points on arms that wind around each other',
  xor: 'what one layer cannot learn',
  checkerboard: 'points of two colours',
  sine: 'a wave to fit',
  Table: 'columns of numbers and text, which become tensors',
  readIdx: 'reads the file format of MNIST',
  'Tensor.as': 'checks a shape, and tells the compiler',
  'Tensor.apply': 'a function of a tensor, as if it were a method',
  'Tensor.toString': 'prints as NumPy does',
};
