import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig, mergeConfig } from 'vitest/config';
import { base } from './vitest.config.ts';

// What runs other processes, looks at sources and pages, or measures memory has nothing to do with planted faults, and would only take time.
const elsewhere = [
  'test/types/**',
  'test/book/**',
  'test/docs/**',
  'test/doctest.test.ts',
  'test/floors.test.ts',
  'test/mirror.test.ts',
  'test/reproduce.test.ts',
  'test/**/memory.test.ts',
  'test/**/fuzz.test.ts',
  // These load the source anew within a test: what happens once on loading would look as if only they saw it.
  'test/machine/backend.test.ts',
];

const alias = [{ find: '../base/memoize.ts', replacement: fileURLToPath(new URL('scripts/memoize-nothing.ts', import.meta.url)) }];
const everywhere = 'test/**/*.test.ts';
const room = process.env['MUTATION_ROOM'];
const ofRoom = [
  `test/${room}/**/*.test.ts`,
  ...(['formula', 'tensor', 'functions', 'autograd'].includes(room!) ? ['test/operations/*.test.ts'] : []),
];

export default mergeConfig(
  base,
  defineConfig({
    resolve: { alias },
    test: {
      // One process for each mutant, not for each file of tests: loading the source takes longer than most tests.
      isolate: false,
      include: room === undefined ? [everywhere] : ofRoom,
      exclude: [...configDefaults.exclude, ...elsewhere],
    },
  }),
);
