// What `npm run test:mutation` plants, and which tests must find it. All of it takes many hours; MUTATION_ROOM=optim asks for one room, tried with
// the tests of that room, and MUTATION_SLICE=3/20 for an even sample of a twentieth (scripts/stryker-formulas.mjs).
// Left out are the machine, which is held to its plain definitions bit for bit, and the views, which are for eyes.
const rooms = ['base', 'formula', 'tensor', 'functions', 'autograd', 'layers', 'optim', 'metrics', 'training', 'datasets', 'io', 'sweep'];

const { MUTATION_ROOM: room, MUTATION_SLICE: slice } = process.env;
if (room !== undefined && !rooms.includes(room.split('/')[0]))
  throw new Error(`MUTATION_ROOM=${room}: expected one of ${rooms.join(', ')}.`);
const report = ['reports/mutation', room?.replaceAll('/', '-'), slice?.replace('/', '-of-')].filter(Boolean).join('/');

export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner', '@stryker-mutator/typescript-checker', './scripts/stryker-formulas.mjs'],
  checkers: slice === undefined ? ['typescript'] : [], // It needs minutes to begin. Without it, what does not compile is planted too.
  tsconfigFile: 'tsconfig.json',
  mutate: [...(room === undefined ? rooms : [room]).map((name) => `src/${name}/**/*.ts`), '!src/base/memoize.ts', '!src/autograd/view/**'],
  ignorePatterns: ['dist', 'coverage', 'docs/api', 'examples/out', 'reports', 'build'],
  reporters: ['clear-text', 'progress', 'html', 'json'],
  clearTextReporter: { logTests: false, reportTests: false, reportScoreTable: true, allowColor: false },
  htmlReporter: { fileName: `${report}/index.html` },
  jsonReporter: { fileName: `${report}/report.json` },
  thresholds: { high: 99, low: 98, break: 98 },
  timeoutMS: 20_000,
  dryRunTimeoutMinutes: 60,
  // vitest.mutation.config.ts says which tests there are: to ask for each mutant which of them import its file takes longer than to run them.
  vitest: { configFile: 'vitest.mutation.config.ts', related: false },
  mutator: { excludedMutations: ['StringLiteral', 'ArrayDeclaration', 'Equivalent'] },
  ignoreStatic: true,
  ignorers: ['samples'],
};
