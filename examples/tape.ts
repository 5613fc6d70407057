/**
 * A tape, looked at in every way there is: as text, as a graph, step by step, and along every path from the loss to a weight. It is the tape of one step of a
 * small network that learns exclusive or.
 *
 * Run with `npm run example tape`, and open `examples/out/tape.html`: point at a value, or tap it, to see its numbers; parameters show their gradients too.
 */

import {
  explain,
  Linear,
  parameters,
  Random,
  Sequential,
  Sigmoid,
  SoftmaxCrossEntropy,
  steps,
  Tape,
  Tensor,
  toHTML,
  toMermaid,
} from 'tapegrad';
import { savePage } from './lib/output.ts';

const random = new Random(1);
const model = new Sequential(new Linear(2, 3, { random }), new Sigmoid(), new Linear(3, 2, { random }));
const criterion = new SoftmaxCrossEntropy();
const x = Tensor.of([
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
]);
const y = Tensor.of([0, 1, 1, 0], 'int32');
const [weight] = parameters(model);

// The tape calls each parameter by its path in the model.
const tape = new Tape({ x, y, model });
const loss: Tensor = tape.record(() => criterion.forward(model.forward(x), y), { check: 'finite' });

console.log(`The tape, as it was recorded:\n\n${tape}\n`);
console.log('The sweep, step by step, from the loss back:\n');
for (const { line, name, rule } of steps(tape, loss)) console.log(`${line.padEnd(58)} to ${name.padEnd(15)} ${rule}`);
console.log(`\nWhy the first weight has the gradient it has: ${explain(tape, loss, weight!)}\n`);
console.log(`The same as a Mermaid chart, for a page in Markdown:\n\n${toMermaid(tape)}`);
const gradients = tape.backward(loss, { keep: true });
console.log(savePage('tape', toHTML(tape, { title: 'One step of a network that learns exclusive or', gradients })));
