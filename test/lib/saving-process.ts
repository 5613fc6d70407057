/** A process that saves one model after another, for `test/io/whole-files.test.ts`. */

import { Parameter, Tensor } from '../../src/index.ts';
import { save } from '../../src/io/index.ts';

const path = process.argv[2]!;
process.stdout.write('ready\n');
for (let i = 1; ; i++) await save({ w: new Parameter(Tensor.full([20_000], i)) }, path);
