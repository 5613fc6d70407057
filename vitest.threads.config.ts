import { defineConfig, mergeConfig } from 'vitest/config';
import config from './vitest.config.ts';

// All that computes, with everything divided, however small: among three threads, or, with THREADS=shuffled, in random order on one.
export default mergeConfig(
  config,
  defineConfig({
    test: {
      env: { THREADS: process.env['THREADS'] ?? '3' },
      setupFiles: ['test/divided.ts'],
      // Examples that show how many threads there are.
      exclude: ['test/__doctest__/**/machine/**'],
      testTimeout: 120_000,
    },
  }),
);
