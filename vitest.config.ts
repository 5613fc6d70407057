import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The derivatives of all operations first: whoever spoils a rule hears of it at once, and by its name. */
class RulesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isFirst = ({ moduleId }: TestSpecification) => Number(moduleId.endsWith('test/operations/rules.test.ts'));
    return (await super.sort(files)).toSorted((a, b) => isFirst(b) - isFirst(a));
  }
}

export default defineConfig({
  resolve: { tsconfigPaths: true }, // 'tapegrad' is src/, as in tsconfig.json
  test: {
    include: ['test/**/*.test.ts'],
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
});
