/** A process that computes with helpers and then ends in one way or another, for `test/machine/threads/threads.test.ts`. */

import { Tensor, threadsReady } from '../../src/index.ts';
import { machine } from '../../src/machine/backend.ts';
import { startThreads } from '../../src/machine/threads/start.ts';
import type { WasmMachine } from '../../src/machine/wasm/wasm-machine.ts';

const how = process.argv[2]!;
const reason = startThreads(machine() as WasmMachine, 3);
if (reason) throw new Error(reason);
if (how !== 'at once') await threadsReady();
const x = Tensor.uniform([300, 300], { seed: 1 });
for (let i = 0; i < 5; i++) x.matmul(x);
process.stdout.write('computed\n');
if (how === 'exit') process.exit(3);
if (how === 'error') throw new Error('on purpose');
if (how === 'signal') setInterval(() => x.matmul(x), 1);
