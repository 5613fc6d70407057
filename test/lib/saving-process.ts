/** A process that saves one model after another, numbered from a given one, and tells the number of each when it is saved; for `test/lib/killed-saves.ts`. */

import { writeSync } from 'node:fs';
import { Parameter, Tensor } from '../../src/index.ts';
import { save } from '../../src/io/index.ts';

const [path, first] = process.argv.slice(2) as [string, string];
for (let number = Number(first); ; number++) {
  await save({ w: new Parameter(Tensor.full([20_000], number)) }, path);
  writeSync(1, `${number}\n`);
}
