import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig, mergeConfig } from 'vitest/config';
import { base } from './vitest.config.ts';

// Mutants are planted in the rules and the sweep; what has nothing to do with these would only take time.
const elsewhere = [
  'test/datasets/**',
  'test/types/**',
  'test/doctest.test.ts',
  'test/floors.test.ts',
  'test/mirror.test.ts',
  'test/docs/**',
  'test/base/random.test.ts',
  'test/optim/memory.test.ts',
  // These load the source anew within a test: what happens once on loading would look as if only they saw it.
  'test/machine/backend.test.ts',
  'test/machine/wasm/memory.test.ts',
];

const alias = [{ find: '../base/memoize.ts', replacement: fileURLToPath(new URL('scripts/memoize-nothing.ts', import.meta.url)) }];

export default mergeConfig(
  base,
  defineConfig({ resolve: { alias }, test: { include: ['test/**/*.test.ts'], exclude: [...configDefaults.exclude, ...elsewhere] } }),
);
