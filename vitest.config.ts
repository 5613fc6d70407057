import { configDefaults, defineConfig, type ViteUserConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The derivatives of all operations first: whoever spoils a rule hears of it at once, and by its name. */
class RulesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isFirst = ({ moduleId }: TestSpecification) => Number(moduleId.endsWith('test/operations/rules.test.ts'));
    return (await super.sort(files)).toSorted((a, b) => isFirst(b) - isFirst(a));
  }
}

/** What every run of the tests has in common. */
export const base = {
  resolve: { tsconfigPaths: true }, // 'tapegrad' is src/, as in tsconfig.json
  test: {
    setupFiles: ['test/setup.ts'],
    testTimeout: 30_000,
    sequence: { sequencer: RulesFirst },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text', 'lcov'],
      thresholds: { lines: 90, branches: 75 },
    },
  },
} satisfies ViteUserConfig;

// These load the source anew or measure the memory of their process, so each gets a process to itself. All others share the modules that are
// loaded once in each process: loading them for every file would take longer than most tests.
const alone = [
  'test/machine/backend.test.ts',
  'test/machine/threads/threads.test.ts',
  'test/__doctest__/docs-threads-md.test.ts',
  'test/**/memory.test.ts',
];

export default defineConfig({
  ...base,
  test: {
    ...base.test,
    projects: [
      {
        extends: true,
        test: { name: 'together', isolate: false, include: ['test/**/*.test.ts'], exclude: [...configDefaults.exclude, ...alone] },
      },
      { extends: true, test: { name: 'alone', include: alone } },
    ],
  },
});
