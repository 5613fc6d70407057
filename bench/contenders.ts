/** The contenders of the benchmark, and how to start and ask them. */

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  readonly version: string;
  /** What tapegrad's script is told beside the folder. */
  readonly settings?: { readonly dist?: string; readonly plain?: boolean; readonly threads?: number };
  /** Why it cannot take part. */
  readonly missing?: string | undefined;
  /** The only jobs it takes part in; all by default. */
  readonly only?: readonly string[];
}

export type Answer = {
  readonly perCall?: number;
  readonly losses?: readonly number[];
  readonly peak?: number;
  readonly error?: string;
};

const NODE_26 = 'bench/peers/node_modules/node26/bin/node';
const script = (name: string) => `bench/contenders/${name}.mjs`;

/** @param before the folder of an older build of tapegrad, to be measured beside this one */
export function contenders(before?: string): readonly Contender[] {
  const node = process.version;
  const newer = existsSync(NODE_26) ? spawnSync(NODE_26, ['--version'], { encoding: 'utf8' }).stdout.trim() : '';
  const missing = newer ? undefined : 'its Node could not be installed';
  const peer = (name: string, package_: string, file: string): Contender => {
    const description = `bench/peers/node_modules/${package_}/package.json`;
    const there = existsSync(description);
    const version = there ? `${(JSON.parse(readFileSync(description, 'utf8')) as { version: string }).version} on Node ${node}` : '';
    return { name, command: [process.execPath, script(file)], version, missing: there ? undefined : 'it could not be installed' };
  };
  return [
    { name: 'tapegrad', command: [process.execPath, script('tapegrad')], version: `Node ${node}` },
    { name: 'tapegrad 26', command: [NODE_26, script('tapegrad')], version: `Node ${newer}`, missing },
    {
      name: 'tapegrad 26 revectorized',
      command: [NODE_26, '--experimental-wasm-revectorize', script('tapegrad')],
      version: `Node ${newer} --experimental-wasm-revectorize`,
      missing,
    },
    {
      name: 'tapegrad plain',
      command: [process.execPath, script('tapegrad')],
      settings: { plain: true },
      version: `Node ${node}, without kernels`,
      only: ['step 64'],
    },
    ...(before === undefined ? [] : [older(before)]),
    peer('jax-js', '@jax-js/jax', 'jax'),
    peer('tfjs', '@tensorflow/tfjs', 'tfjs'),
    peer('deepbox', 'deepbox', 'deepbox'),
    { name: 'arrays', command: [process.execPath, script('arrays')], version: `Node ${node}` },
    python('numpy'),
    python('torch'),
  ];
}

/** tapegrad with one thread, as above, and with two. */
export const threadContenders = (): { readonly one: Contender; readonly two: Contender } => {
  const one = { name: 'tapegrad', command: [process.execPath, script('tapegrad')], version: `Node ${process.version}` };
  return { one, two: { ...one, settings: { threads: 2 } } };
};

const older = (before: string): Contender => ({
  name: 'before',
  command: [process.execPath, script('tapegrad')],
  settings: { dist: before },
  version: `an older build on Node ${process.version}`,
  missing: existsSync(`${before}/index.js`) ? undefined : `there is no build in ${before}`,
});

function python(name: 'numpy' | 'torch'): Contender {
  for (const command of [process.env['BENCH_PYTHON'], 'python3', '/usr/bin/python3']) {
    if (!command) continue;
    const { status, stdout } = spawnSync(command, ['-c', `import numpy, ${name}; print(${name}.__version__)`], { encoding: 'utf8' });
    if (status === 0) return { name, command: [command, 'bench/contenders/python.py'], version: `${stdout.trim()}, one thread` };
  }
  return { name, command: [], version: '', missing: `no Python here has ${name}` };
}

/** Starts the process of a contender. It answers one request at a time. */
export function start({ name, command, settings }: Contender, folder: string): { ask(request: object): Promise<Answer>; end(): void } {
  const [file, ...rest] = command as readonly [string, ...string[]];
  const last = settings ? [JSON.stringify(settings)] : rest[0]?.endsWith('.py') ? [name] : [];
  const child = spawn(file, [...rest, folder, ...last], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) return { error: 'it ended' };
      return JSON.parse(value) as Answer;
    },
    end: () => child.kill(),
  };
}
