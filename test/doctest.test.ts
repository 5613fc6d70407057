import { expect, test } from 'vitest';
import { compile, snippetsOf, testFile } from '../scripts/doctest.ts';

const compiled = (code: string): string => compile({ code, line: 1, run: true }).body;

test('the text of an example without a fence reaches to the next tag or the end of the comment', () => {
  const file = `/** One. @example f(1) // => 2 */\n\n/**\n * Two.\n *\n * @example\n * g()\n * h() // => 3\n *\n * @returns nothing\n */\n`;
  expect(snippetsOf('a.ts', file)).toEqual([
    { code: 'f(1) // => 2 ', line: 1, run: true },
    { code: 'g()\nh() // => 3\n\n', line: 7, run: true },
  ]);
});

test('fenced blocks are taken from Markdown and from doc comments, by their mark', () => {
  const text = '# Title\n\n```ts\na()\n```\n```ts no-run\nb()\n```\n```ts no-test\nc()\n```\n```sh\nd\n```\n';
  const expected = [
    { code: 'a()\n', line: 4, run: true },
    { code: 'b()\n', line: 7, run: false },
  ];
  expect(snippetsOf('a.md', text)).toEqual(expected);
  expect(snippetsOf('a.ts', `/**\n * @example\n${text.replaceAll(/^/gm, ' * ')}\n */`).map(({ code }) => code)).toEqual(['a()\n', 'b()\n']);
});

test('a comment after a statement becomes an assertion, wherever the statement was broken', () => {
  expect(compiled('f(x)\n  .g(); // => [1, 2]')).toBe('expect(plain(f(x)\n  .g())).toEqual(plain([1, 2]));');
  expect(compiled('const y = f(x) // => 3')).toBe('const y = f(x);\nexpect(plain((y))).toEqual(plain(3));');
  expect(compiled('const [a, b] = f(x)\n// => [1, 2]')).toBe('const [a, b] = f(x);\nexpect(plain(([a, b]))).toEqual(plain([1, 2]));');
});

test('what is printed is compared as text, line by line', () => {
  expect(compiled('console.log(x) // => [[1, 2],\n               //     [3, 4]]')).toBe('expect(format(x)).toBe("[[1, 2],\\n [3, 4]]");');
});

test('an error is known by its name', () => {
  expect(compiled('f(x) // throws ShapeError: too long')).toMatch(/thrownBy[\s\S]*return f\(x\);[\s\S]*toBe\("ShapeError"\)/);
});

test('an expectation that nothing checks is refused', () => {
  expect(() => compiled('for (const x of []) {\n  f(x); // => 1\n}')).toThrow('outermost level');
});

test('names are imported where they are mentioned, once, and not where the snippet does it', () => {
  const snippets = snippetsOf('a.md', "```ts\nimport { f } from 'one';\nf(x.g())\n```\n```ts\nf(h)\n```\n");
  const file = testFile('a.ts', snippets, new Map([['two', ['f', 'g', 'h']]]));
  expect(file.match(/^import .* '(?:one|two)';/gm)).toEqual(["import { f } from 'one';", "import { f, h } from 'two';"]);
});
