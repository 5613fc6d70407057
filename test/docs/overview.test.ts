import { expect, test } from 'vitest';
import { entries, exportsOfPackage, firstSentence, membersOf } from '../../scripts/overview/exports.ts';
import { kindsOf } from '../../scripts/overview/kinds.ts';
import { withShortList } from '../../scripts/overview/page.ts';
import { overview } from '../../scripts/overview.ts';
import * as datasets from '../../src/datasets/index.ts';
import * as tapegrad from '../../src/index.ts';
import * as io from '../../src/io/index.ts';
import * as sweeps from '../../src/sweep/index.ts';

const items = exportsOfPackage();
const members = membersOf('Tensor', 'src/tensor/tensor.ts');

test.each([
  ['tapegrad', tapegrad],
  ['tapegrad/datasets', datasets],
  ['tapegrad/io', io],
  ['tapegrad/sweep', sweeps],
] as const)('the exports of %s are read from the source as they are at run time', (from, module) => {
  expect(Object.keys(entries)).toContain(from);
  const found = items.filter((item) => item.from === from && item.kind !== 'type').map(({ name }) => name);
  expect(found.toSorted()).toEqual(Object.keys(module).toSorted());
});

test('the members of Tensor are read from the source, but for internal ones', () => {
  const { prototype } = tapegrad.Tensor;
  const methods = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');
  const statics = Object.getOwnPropertyNames(tapegrad.Tensor).filter((name) => typeof Reflect.get(tapegrad.Tensor, name) === 'function');
  const found = new Set(members.map(({ name }) => name));
  expect([...methods, ...statics].filter((name) => !found.has(name)).toSorted()).toEqual(['lent', 'numbers', 'scatterSum', 'unslice']);
  expect(members.filter(({ name, kind }) => kind === 'static' && !statics.includes(name))).toEqual([]);
});

test('everything that is exported stands under exactly one heading', () => {
  const misplaced = items.filter(({ kind }) => kind !== 'type').flatMap((item) => (kindsOf(item).length === 1 ? [] : [item.name]));
  expect(misplaced).toEqual([]);
});

test('every link of README to the page finds its line there', () => {
  const [page, readme] = [...overview().values()] as [string, string];
  const targets = [...readme.matchAll(/\(docs\/overview\.md#([^)]*)\)/g)].map(([, anchor]) => anchor!);
  expect(targets.length).toBeGreaterThan(200);
  expect(targets.filter((anchor) => page.split(`<a id="${anchor}"></a>`).length !== 2)).toEqual([]);
});

test('the first sentence of a doc comment is what stands in the overview', () => {
  expect(firstSentence('One thing, on\ntwo lines. And more.\n\n@example f()')).toBe('One thing, on two lines.');
  expect(firstSentence('`a. b` after a stop in code (Barron et al. 2017). More.')).toBe(
    '`a. b` after a stop in code (Barron et al. 2017).',
  );
  expect(firstSentence('`a + b`\n@example f()')).toBe('`a + b`');
  expect(firstSentence('A heading:\n\n- a list')).toBe('A heading');
});

test('what stands outside of the marks is left alone', () => {
  const [begin, end] = ['<!-- overview: made by npm run overview -->', '<!-- end of overview -->'];
  expect(withShortList(`before\n${begin}\nold\n${end}\nafter`, 'new')).toBe(`before\n${begin}\n\nnew\n\n${end}\nafter`);
  expect(() => withShortList('no marks', 'new')).toThrow('expected the marks');
});
