/** Divides everything that the tests compute, for `vitest.threads.config.ts`. */

import { machine } from '../src/machine/backend.ts';
import { WasmMachine } from '../src/machine/wasm/wasm-machine.ts';
import { fast } from './lib/kernels.ts';
import { inAnyOrder, together } from './lib/threads.ts';

for (const on of [machine(), fast]) {
  if (!(on instanceof WasmMachine)) continue;
  if (process.env['THREADS'] !== 'shuffled') together(on, Number(process.env['THREADS']));
  else if (!on.host.memory.team) inAnyOrder(on);
}
