import { defineConfig, mergeConfig } from 'vitest/config';
import config from './vitest.config.ts';

// A million hostile files, and every property as often as this, where it is usually tried a few dozen times: hours that nobody waits for.
export default mergeConfig(config, defineConfig({ test: { env: { FC_RUNS: '2000', FUZZ_RUNS: '143000' }, testTimeout: 1_200_000 } }));
