/** Options are read in one way everywhere: names that are known, values that are allowed, defaults for the rest. */

import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  boolean,
  check,
  finiteNumber,
  insteadOf,
  nearest,
  numberAbove,
  numberFrom,
  oneOf,
  optional,
  quote,
  type Requirement,
  readOptions,
  refuseUnknown,
  required,
  wholeNumberFrom,
  withoutDefault,
} from '../../src/base/options.ts';
import { checkUnlessTensor, numberButNaN } from '../../src/functions/elementwise/operands.ts';
import { Tensor, ValueError } from '../../src/index.ts';
import { optionsAt } from '../../src/optim/scheduled-options.ts';

interface Options {
  readonly learningRate: number;
  readonly weightDecay?: number;
  readonly nesterov?: boolean;
  readonly label?: string | undefined;
}
const table = {
  learningRate: required(numberFrom(0)),
  weightDecay: optional(numberFrom(0), 0.5),
  nesterov: optional(boolean, false),
  label: withoutDefault({ words: 'text', holds: (x) => typeof x === 'string' }),
};
const names = Object.keys(table);
const read = (options: unknown) => readOptions<Options>('Descent', options as Options, table);

test('what is given stays, what is left out or undefined has its default, and the options themselves are not changed', () => {
  const rate = fc.double({ min: 0, max: 1, noNaN: true });
  const given = fc.record(
    { learningRate: rate, weightDecay: fc.option(rate, { nil: undefined }), nesterov: fc.boolean(), label: fc.string() },
    { requiredKeys: ['learningRate'] },
  );
  fc.assert(
    fc.property(given, (options) => {
      const found = read(Object.freeze({ ...options }));
      expect(found).toEqual({ weightDecay: 0.5, nesterov: false, label: undefined, ...JSON.parse(JSON.stringify(options)) });
      expect(Object.keys(found)).toEqual(names);
    }),
  );
});

test('a name that is not known is refused, whatever it is', () => {
  fc.assert(
    fc.property(
      fc.string().filter((name) => !names.includes(name) && name !== '__proto__'),
      (name) => {
        expect(() => read({ learningRate: 1, [name]: 1 })).toThrow(ValueError);
        expect(() => read({ learningRate: 1, [name]: 1 })).toThrow(`Descent: there is no option ${name}; `);
      },
    ),
  );
});

describe('the nearest name', () => {
  test('is found through one slip of the hand, another case and underscores', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.nat(),
        fc.constantFrom('left out', 'doubled', 'exchanged', 'replaced'),
        (name, where, slip) => {
          const at = 1 + (where % (name.length - 2));
          const [before, letter, next, after] = [name.slice(0, at), name[at]!, name[at + 1]!, name.slice(at + 2)];
          const wrong = { 'left out': next, doubled: letter + letter + next, exchanged: next + letter, replaced: `q${next}` }[slip];
          expect(nearest(before + wrong + after, names)).toBe(name);
          expect(nearest(name.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase(), names)).toBe(name);
        },
      ),
    );
  });

  test.each([
    ['lr', 'learningRate'],
    ['wd', 'weightDecay'],
    ['decay', undefined],
    ['learning_rates', 'learningRate'],
    ['', undefined],
    ['seed', undefined],
  ])('to %s is %s', (name, wanted) => expect(nearest(name, names)).toBe(wanted));

  test('is missing where nothing is near, and then all names are told', () => {
    expect(() => read({ learningRate: 1, seed: 1 })).toThrow(
      'Descent: there is no option seed; the options are learningRate, weightDecay, nesterov, label',
    );
  });
});

test.each<[string, unknown, string]>([
  ['nothing, where an option has to be given', undefined, 'expected learningRate to be a finite number from 0, got undefined'],
  ['an object of a class', new Date(0), 'expected options, such as { learningRate: … }, got an object of class Date'],
  ['a tensor', Tensor.of([1]), 'expected options, such as { learningRate: … }, got a tensor of shape [1]'],
  ['null', null, 'got null'],
  ['text', 'fast', "got 'fast'"],
  ['a list', [1], 'got [1]'],
  ['an option that has to be given', {}, 'Descent: expected learningRate to be a finite number from 0, got undefined'],
  ['text for a number', { learningRate: '0.1' }, "Descent: expected learningRate to be a finite number from 0, got '0.1'"],
  ['null for a number', { learningRate: 1, weightDecay: null }, 'expected weightDecay to be a finite number from 0, got null'],
  ['a number for true', { learningRate: 1, nesterov: 1 }, 'expected nesterov to be true or false, got 1'],
])('%s is refused', (_, options, message) => expect(() => read(options)).toThrow(message));

test.each<[Requirement, readonly unknown[], readonly unknown[], string]>([
  [numberFrom(0), [0, 1e308], [-1e-300, NaN, Infinity, '1', null], 'a finite number from 0'],
  [numberFrom(0, 1), [0, 0.999], [1, -1, NaN], 'a number from 0 to below 1'],
  [numberAbove(0), [1e-300], [0, Infinity, NaN], 'a finite number above 0'],
  [numberAbove(0, 1), [0.5], [0, 1], 'a number above 0 and below 1'],
  [wholeNumberFrom(1), [1, 2 ** 40], [0, 1.5, '1', NaN, Infinity], 'a whole number from 1'],
  [finiteNumber, [-1], [NaN, Infinity, '1'], 'a finite number'],
  [oneOf('a', 'b', 'c'), ['a', 'c'], ['d', ['a'], undefined], "'a', 'b' or 'c'"],
  [boolean, [true, false], [0, 'true', undefined], 'true or false'],
])('a requirement says what it asks', (requirement, good, bad, words) => {
  expect(requirement.words).toBe(words);
  for (const x of good) expect(() => check('f', { x }, requirement)).not.toThrow();
  for (const x of bad) expect(() => check('f', { x }, requirement)).toThrow(`f: expected x to be ${words}, got ${quote(x)}`);
});

test('a bound is told where it is, and a number is allowed or not as it is told', () => {
  expect([numberFrom(0, 1).words, numberFrom(2).words]).toEqual(['a number from 0 to below 1', 'a finite number from 2']);
  expect([numberAbove(0, 1).words, numberAbove(2).words]).toEqual(['a number above 0 and below 1', 'a finite number above 2']);
  expect([0, 0.5, 1, -1].map(numberFrom(0, 1).holds)).toEqual([true, true, false, false]);
  expect([0, 0.5, 1, -1].map(numberAbove(0, 1).holds)).toEqual([false, true, false, false]);
  expect([numberFrom(0), numberAbove(0)].map(({ holds }) => [Infinity, Number.NaN, '1', 3].map(holds))).toEqual(
    Array(2).fill([false, false, false, true]),
  );
});

test('no options are the defaults, and nothing is asked of what is not there', () => {
  expect(readOptions<{ readonly momentum?: number }>('Descent', undefined, { momentum: optional(numberFrom(0), 0.5) })).toEqual({
    momentum: 0.5,
  });
  expect(() => refuseUnknown('Descent', undefined, ['momentum'])).not.toThrow();
});

test('options may have no prototype, or that of another realm', () => {
  for (const options of [Object.assign(Object.create(null), { momentum: 1 }), runInNewContext('({ momentum: 1 })')])
    expect(() => refuseUnknown('Descent', options, ['momentum'])).not.toThrow();
});

test('values are quoted so that text does not read as a number', () => {
  const circular: unknown[] = [];
  circular.push(circular);
  expect([Tensor.zeros([2, 3]), new Set(), circular, 1n, Symbol('s'), 'x'.repeat(81), Array(60).fill(1)].map(quote)).toEqual([
    'a tensor of shape [2, 3]',
    'an object of class Set',
    '[[[[…]]]]',
    '1n',
    'Symbol(s)',
    `'${'x'.repeat(77)}…'`,
    `[${'1,'.repeat(38)}…`,
  ]);
  expect(quote('x'.repeat(80))).toBe(`'${'x'.repeat(80)}'`);
  expect(['0.1', 0.1, NaN, undefined, null, [1], { a: 1 }, () => 1, true].map(quote)).toEqual([
    "'0.1'",
    '0.1',
    'NaN',
    'undefined',
    'null',
    '[1]',
    '{"a":1}',
    'a function',
    'true',
  ]);
});

const parts = fc.anything({
  withBigInt: true,
  withMap: true,
  withSet: true,
  withDate: true,
  withNullPrototype: true,
  withTypedArray: true,
});

test('whatever came is quoted in one line that is no longer than a message', () => {
  fc.assert(
    fc.property(fc.oneof(parts, fc.array(fc.array(parts))), (x) => {
      const text = quote(x);
      expect(text.length).toBeLessThan(300);
      expect(text.length > 0).toBe(true);
    }),
  );
});

test('lists and objects are quoted as JSON writes them, and what JSON does not know in words: never the numbers within a tensor', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 2 }), (x) => {
      const text = JSON.stringify(x);
      if (typeof x === 'object' && text.length <= 80) expect(quote(x)).toBe(text);
    }),
  );
  class Model {
    readonly weight = Tensor.ones([2]);
  }
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const values = [
    [Tensor.ones([2, 3])],
    { x: Tensor.ones([1]), f: () => 1, model: new Model() },
    [NaN, undefined, 2n, -Infinity],
    [Float32Array.of(1, 2), new Map()],
    circular,
    [[[[1]]]],
    ['x'.repeat(100)],
    Array(1e6).fill(7),
    Model,
    {
      get broken() {
        throw new Error('cannot be read');
      },
    },
  ];
  expect(values.map(quote)).toEqual([
    '[a tensor of shape [2, 3]]',
    '{"x":a tensor of shape [1],"f":a function,"model":an object of class Model}',
    '[NaN,undefined,2n,-Infinity]',
    '[an object of class Float32Array,an object of class Map]',
    '{"self":{"self":{"self":{…}}}}',
    '[[[[…]]]]',
    `["${'x'.repeat(75)}…`,
    `[${'7,'.repeat(38)}…`,
    'the class Model; write new Model(…)',
    'an object',
  ]);
});

test('what is like what was expected, but of another copy of the package, is not said to be the same', () => {
  class Model {}
  const of = (name: string) => ({ [name]: class {} })[name]!;
  expect(insteadOf(Model, new (of('Model'))())).toBe('one of another copy of tapegrad; let the program have one copy');
  expect([new Set(), { a: 1 }, 3, null, undefined].map((x) => insteadOf(Model, x))).toEqual([
    'an object of class Set',
    '{"a":1}',
    '3',
    'null',
    'undefined',
  ]);
});

test('properties that a script has given to all objects are no options', () => {
  const names = ['toJSON2', 'momentum', 'where'];
  for (const name of names)
    Object.defineProperty(Object.prototype, name, { value: () => 1, enumerable: true, configurable: true, writable: true });
  try {
    expect(readOptions<{ readonly rate?: number }>('Descent', {}, { rate: optional(numberFrom(0), 0.5) })).toEqual({ rate: 0.5 });
    expect(() => check('Descent', { rate: 1 }, numberFrom(0))).not.toThrow();
    expect(() => checkUnlessTensor('f', { low: 1 }, numberButNaN)).not.toThrow();
    const table = { learningRate: { requirement: numberFrom(0), eachStep: numberFrom(0) } };
    expect(Object.entries(optionsAt('Descent', { learningRate: (step: number) => step }, table as never, 3))).toEqual([
      ['learningRate', 3],
    ]);
    expect(() => optionsAt('Descent', { learningRate: 1, where: 2 } as never, table as never, 0)).toThrow('there is no option where');
  } finally {
    for (const name of names) Reflect.deleteProperty(Object.prototype, name);
  }
});
