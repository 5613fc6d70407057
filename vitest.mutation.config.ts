import { configDefaults, defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

// Mutants are planted in the rules and the sweep; what has nothing to do with these would only take time.
const elsewhere = [
  'test/datasets/**',
  'test/types/**',
  'test/__doctest__/**',
  'test/doctest.test.ts',
  'test/floors.test.ts',
  'test/tensor/random.test.ts',
  'test/autograd/memory.test.ts',
];

export default mergeConfig(base, defineConfig({ test: { exclude: [...configDefaults.exclude, ...elsewhere] } }));
