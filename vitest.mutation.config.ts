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
/** The tests of a room, such as `functions/losses`: its own, what holds of all operations or exports and is quick, and the golden values. */
const room = process.env['MUTATION_ROOM'];
const calculates = /^(base|formula|tensor|functions|autograd)\b/.test(room ?? '');
const ofRoom = [`test/${room}/**/*.test.ts`, 'test/golden/*.test.ts', 'test/bad-input.test.ts', 'test/misuse.test.ts'];
const ofOperations = ['test/tensor/**/*.test.ts', 'test/operations/{compositions,rules,special}.test.ts'];

export default mergeConfig(
  base,
  defineConfig({
    resolve: { alias },
    test: {
      // One process for each mutant, not for each file of tests: loading the source takes longer than most tests.
      isolate: false,
      include: room === undefined ? ['test/**/*.test.ts'] : [...ofRoom, ...(calculates ? ofOperations : [])],
      testTimeout: 600_000, // Stryker ends what takes too long.
      exclude: [...configDefaults.exclude, ...elsewhere],
    },
  }),
);
