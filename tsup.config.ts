import { defineConfig } from 'tsup';
import { leaveOutSamples } from './scripts/bundle/leave-out-samples.ts';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'datasets/index': 'src/datasets/index.ts',
    'io/index': 'src/io/index.ts',
    'sweep/index': 'src/sweep/index.ts',
  },
  tsconfig: 'tsconfig.build.json',
  format: ['esm'],
  platform: 'neutral',
  target: 'es2022',
  // tsup 8.5.1 passes `baseUrl` to the compiler, which TypeScript 6 refuses (TS5101) unless told so.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  sourcemap: true,
  clean: true,
  splitting: true, // all entries share one core: a Tensor of one is a Tensor of the other
  treeshake: false,
  esbuildPlugins: [leaveOutSamples],
});
