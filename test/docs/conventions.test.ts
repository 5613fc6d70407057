/** Every case of the page of conventions, and the page itself. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sections } from '../../scripts/conventions/cases.ts';
import { evaluate, type Numbers } from '../../scripts/conventions/evaluate.ts';
import { conventions } from '../../scripts/conventions.ts';

/** Numbers to ten digits; the zeros of slopes are all alike. */
const close = (numbers: Numbers, signed: boolean): unknown =>
  typeof numbers !== 'number'
    ? numbers.map((x) => close(x, signed))
    : Number.isFinite(numbers) && numbers !== 0
      ? expect.closeTo(numbers, 9)
      : signed
        ? numbers
        : numbers + 0;
const unsigned = (numbers: Numbers): Numbers => (typeof numbers === 'number' ? numbers + 0 : numbers.map(unsigned));

describe.each(sections)('$title', ({ cases }) => {
  test.each(cases.map((given) => [`${given.expression} at ${JSON.stringify(given.at)}`, given] as const))('%s', (_, given) => {
    if ('refused' in given) {
      expect(() => evaluate(given.expression, given.at)).toThrow(expect.objectContaining({ name: given.refused }));
      return;
    }
    const { value, slope, second } = evaluate(given.expression, given.at);
    expect(value).toEqual(close(given.value, true));
    expect(unsigned(slope())).toEqual(close(given.slope, false));
    if (typeof given.second === 'string') expect(second).toThrow(expect.objectContaining({ name: given.second }));
    else expect(unsigned(second())).toEqual(close(given.second, false));
  });
});

test('the page has what the cases say, and each has a reason', () => {
  for (const [file, text] of conventions()) expect(readFileSync(file, 'utf8')).toBe(text);
  expect(sections.flatMap(({ cases }) => cases).filter(({ why }) => why === '')).toEqual([]);
});
