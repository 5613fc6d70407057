/** Tapes to draw, with names that a drawing could take for markup. */

import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import { Linear, Parameter, parameters, Sequential, SGD, Sigmoid, SoftmaxCrossEntropy, Tape, Tensor } from '../../src/index.ts';

export const HOSTILE = '</script><img src=x>';
export const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    HOSTILE,
    'a"b',
    '`x`',
    '$$y$$',
    'style:"#35;',
    '%%{init: {}}%%',
    'a\nb',
    '\\',
    '&lt;',
    '\ud800',
    '\u202ey',
    '- x',
    '1. x',
  ),
);

/** Two layers with a loss: the tape, the end of it, and the model. */
export function network() {
  const model = new Sequential(new Linear(4, 3), new Sigmoid(), new Linear(3, 2));
  new SGD(model, { learningRate: 1 }); // names the parameters
  const [x, y] = [Tensor.ones([5, 4]), Tensor.of([0, 1, 1, 0, 1], 'int32')];
  const tape = new Tape({ x, y });
  const loss = tape.record(() => new SoftmaxCrossEntropy().forward(model.forward(x), y));
  return { tape, loss, weight: parameters(model)[0]! };
}

/** A tape on which every operation takes any two values before it, or one of them and a number. */
export const graphs = fc
  .record({
    names: fc.array(hostile, { minLength: 1, maxLength: 4 }),
    steps: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(3)), { maxLength: 12 }),
  })
  .map(({ names, steps }) => {
    const tape = new Tape({ unused: Tensor.of([1, 2]) });
    const made: Tensor[] = names.map((name, i) => (i % 2 ? Tensor.of([i, 1]) : new Parameter(Tensor.of([i, 1]), name)));
    tape.record(() => {
      for (const [i, j, kind] of steps) {
        const [a, b] = [made[i % made.length]!, made[j % made.length]!];
        made.push(kind === 0 ? a.neg() : kind === 1 ? a.add(2) : a.mul(b));
      }
    });
    return tape;
  });

/** The page as a browser sees it, what it knows of each value, and a way to look things up. */
export function pageOf(html: string) {
  const { document } = parseHTML(html);
  const all = (selector: string) => [...document.querySelectorAll(selector)] as any[];
  return { document, all, data: JSON.parse(document.querySelector('#data')!.textContent!) };
}

export const edgesOf = (tape: Tape): number => tape.entries.reduce((sum, { inputs }) => sum + Object.keys(inputs).length, 0);
