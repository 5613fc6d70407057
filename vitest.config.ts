import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The table of operations first: whoever spoils a rule hears of it at once, and by its name. */
class RulesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isTable = ({ moduleId }: TestSpecification) => Number(moduleId.endsWith('test/tensor/ops.test.ts'));
    return (await super.sort(files)).toSorted((a, b) => isTable(b) - isTable(a));
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
