/** What every function of the room refuses, and that the error names the function that was called. */

import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { exportsOfPackage } from '../../../scripts/overview/exports.ts';
import * as tapegrad from '../../../src/index.ts';
import { DtypeError, TapegradError, Tensor, ValueError } from '../../../src/index.ts';

const files = readdirSync('src/functions/elementwise').map((file) => `src/functions/elementwise/${file}`);
const names = exportsOfPackage()
  .filter(({ file, kind }) => kind !== 'type' && files.includes(file))
  .map(({ name }) => name);
const call = (name: string, ...given: unknown[]): unknown => (tapegrad as any)[name](...given);

/** What is no tensor. */
const garbage: readonly unknown[] = [[1, 2], 5, undefined, null, 'text', true, () => 1, { shape: [1] }, new Map(), 3n, Float32Array.of(1)];
/** What is no tensor and no number: for the arguments after the first. */
const worse = [[1, 2], null, 'text', true, () => 1, { shape: [1] }, new Map(), Float32Array.of(1)];
const x = Tensor.of([[0.25, 0.5]]);
/** Whether a function takes another argument after the first, which is no options: a number, or a tensor. */
const takesAnother = (name: string): boolean =>
  (tapegrad as any)[name].length > 1 || ['elu', 'celu', 'leakyRelu', 'softshrink'].includes(name);

test('the room is not empty', () => {
  expect(names.length).toBeGreaterThan(50);
});

describe.each(names)('%s', (name) => {
  test('refuses what is no tensor, by its own name', () => {
    for (const given of garbage) {
      expect(() => call(name, given, x), String(given)).toThrow(DtypeError);
      expect(() => call(name, given, x)).toThrow(new RegExp(`^${name}: expected a tensor for \\w+, got `));
    }
  });

  test('refuses what is neither a number nor a tensor beside the first, by its own name', () => {
    for (const given of worse) {
      let found: unknown;
      try {
        call(name, x, given, given);
      } catch (error) {
        found = error;
      }
      if (found === undefined && !takesAnother(name) && (tapegrad as any)[name].length === 1 && !usesOptions.has(name)) continue;
      expect(found, String(given)).toBeInstanceOf(TapegradError);
      expect((found as Error).message).toMatch(new RegExp(`^${name}: `));
    }
  });
});

/** Functions of a tensor and options. */
const usesOptions = new Set(['softplus', 'gelu', 'logit', 'hardtanh', 'nanToNum', 'isClose', 'glu']);

describe.each([...usesOptions].filter((name) => name !== 'glu' && name !== 'isClose'))('%s', (name) => {
  test('refuses an option that there is none, and what are no options', () => {
    for (const given of [{ nothing: 1 }, 'tanh', 3, [1], x, null, true]) {
      expect(() => call(name, x, given)).toThrow(ValueError);
      expect(() => call(name, x, given)).toThrow(new RegExp(`^${name}: (there is no option nothing|expected options)`));
    }
    expect(() => call(name, x, undefined)).not.toThrow();
  });
});
