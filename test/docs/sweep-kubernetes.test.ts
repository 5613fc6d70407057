/** The sweep as an Indexed Job: its manifest, and what its pods do. */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runTrial } from 'tapegrad/sweep';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import trial, { makeTrials } from '../../examples/lib/spirals.ts';
import { bundled } from '../lib/bundled.ts';

const example = 'examples/sweep-kubernetes';
const text = readFileSync(`${example}/job.yaml`, 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'tapegrad-kubernetes-'));
beforeAll(() => {
  process.env['EPOCHS'] = '2';
});
afterAll(() => {
  delete process.env['EPOCHS'];
  rmSync(folder, { recursive: true });
});

test('the manifest has an index for each job of the sweep', () => {
  expect(text).toContain(`completions: ${makeTrials().ask().length} `);
});

test('an image has every file that a pod needs', () => {
  const copied = [...readFileSync(`${example}/Dockerfile`, 'utf8').matchAll(/examples\/[\w./-]+\.(?:ts|json)/g)].map(([file]) => file);
  const needed = ['run.ts', 'collect.ts'].flatMap((program) => {
    const imported = [...readFileSync(`${example}/${program}`, 'utf8').matchAll(/from '\.\.\/(.*)'/g)].map(
      ([, file]) => `examples/${file}`,
    );
    return [`examples/sweep-kubernetes/${program}`, ...imported];
  });
  expect(copied.toSorted()).toEqual(['examples/sweep-kubernetes/package.json', ...new Set(needed)].toSorted());
});

test('pods in any order, of which some are started twice, find what one process finds', async () => {
  const [pod, table] = [await bundled(`${example}/run.ts`), await bundled(`${example}/collect.ts`)];
  const env = { ...process.env, FOLDER: folder };
  const trials = makeTrials();
  for (const index of [7, 2, 11, 0, 2, 9, 4, 1, 10, 3, 5, 8, 6, 11]) {
    const { status, stdout } = spawnSync(process.execPath, [pod], {
      env: { ...env, JOB_COMPLETION_INDEX: String(index) },
      encoding: 'utf8',
    });
    const job = trials.rung(0)[index]!;
    expect(stdout).toMatch(new RegExp(`^${job.id} `));
    expect(status).toBe(job.configuration.learningRate > 1 ? 42 : 0);
  }
  for (const job of trials.ask()) trials.tell(job.id, await runTrial(job, trial));
  expect(trials.finished).toBe(true);
  expect(execFileSync(process.execPath, [table], { env, encoding: 'utf8' })).toBe(`${trials.result}\n`);
  const { status, stderr } = spawnSync(process.execPath, [pod], { env: { ...env, JOB_COMPLETION_INDEX: '12' }, encoding: 'utf8' });
  expect(stderr).toContain('expected JOB_COMPLETION_INDEX from 0 to 11, got 12');
  expect(status).toBe(1);
}, 120_000);

describe.skipIf(!existsSync(`${example}/node_modules`))('by the schema that Kubernetes publishes', () => {
  const installed = createRequire(resolve(example, 'package.json'));
  type Yaml = { parseAllDocuments(text: string): { toJS(): Record<string, unknown> }[] };
  type Schema = new (given: object) => { validate(): void };
  const documents = (given: string) => (installed('yaml') as Yaml).parseAllDocuments(given).map((document) => document.toJS());

  /** Validates a document, and gives the keys that the schema does not ask for: it allows any, and a cluster drops them. */
  function unknownKeys(given: Record<string, unknown>): string[] {
    const unasked = new Set<string>();
    const watched = (x: unknown, path: string): unknown => {
      if (typeof x !== 'object' || x === null) return x;
      for (const key of Object.keys(x)) unasked.add(`${path}.${key}`);
      return new Proxy(x, {
        get: (target, key) => {
          unasked.delete(`${path}.${String(key)}`);
          const value: unknown = Reflect.get(target, key);
          return typeof key === 'string' && Object.hasOwn(target, key) ? watched(value, `${path}.${key}`) : value;
        },
      });
    };
    const { apiVersion, kind, ...rest } = given as { apiVersion: string; kind: string };
    const schemas = installed(`kubernetes-models/${apiVersion}`) as Readonly<Record<string, Schema>>;
    const all = new schemas[kind]!(rest);
    Object.getPrototypeOf(all).validate.call(watched(all, ''));
    return [...unasked];
  }

  test('both parts of the manifest are right', () => {
    expect(documents(text).map(({ kind }) => kind)).toEqual(['PersistentVolumeClaim', 'Job']);
    for (const document of documents(text)) expect(unknownKeys(document)).toEqual([]);
  });

  test('a wrong value and a misspelt key are found', () => {
    const [, wrong] = documents(text.replace('completions: 12', 'completions: many')) as [unknown, Record<string, unknown>];
    expect(() => unknownKeys(wrong)).toThrow(/completions must be integer/);
    const [, misspelt] = documents(text.replace('backoffLimitPerIndex', 'backoffLimitPerindex')) as [unknown, Record<string, unknown>];
    expect(unknownKeys(misspelt)).toEqual(['.spec.backoffLimitPerindex']);
  });
});
