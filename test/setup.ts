import fc from 'fast-check';

// Replay a reported counterexample with FC_SEED=… FC_PATH=… npm test -- -t 'title'; look harder with FC_RUNS=1000.
fc.configureGlobal({
  numRuns: Number(process.env['FC_RUNS'] ?? 100),
  ...(process.env['FC_SEED'] ? { seed: Number(process.env['FC_SEED']) } : {}),
  ...(process.env['FC_PATH'] ? { path: process.env['FC_PATH'] } : {}),
  interruptAfterTimeLimit: process.env['FC_RUNS'] ? 600_000 : 4000,
  markInterruptAsFailure: false,
});
