import fc from 'fast-check';
import { expect, test } from 'vitest';
import { overSharedMemory } from '../../../src/machine/threads/shared-memory.ts';
import { assemble } from '../../../src/machine/wasm/assembler.ts';
import { runs } from '../../lib/runs.ts';

test('a kernel of any number of parameters is one over a shared memory too', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 }), (count) => {
      const names = Array.from({ length: count }, (_, i) => `x${i}`);
      const module = overSharedMemory(assemble(names, () => []));
      expect(WebAssembly.Module.imports(new WebAssembly.Module(module))).toEqual([
        { module: 'host', name: 'memory', kind: 'memory' },
        { module: 'host', name: 'totals', kind: 'global' },
      ]);
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 32767, shared: true });
      expect(() => new WebAssembly.Instance(new WebAssembly.Module(module), { host: { memory, totals: 0 } })).not.toThrow();
    }),
    { numRuns: runs(20) },
  );
});
