import { expect, test } from 'vitest';
import { namesInTables } from '../../scripts/coming-from/page.ts';
import { noCounterpart } from '../../scripts/coming-from/table.ts';
import { exportsOfPackage, membersOf } from '../../scripts/overview/exports.ts';

// That the names in the tables exist is the compiler's word: the tables are code.

const exported = exportsOfPackage().filter(({ kind, file }) => kind !== 'type' && file !== 'src/base/errors.ts');
const members = membersOf('Tensor', 'src/tensor/tensor.ts');
const names = namesInTables();
/** All there is, and how the tables write it. */
const written = new Map([
  ...exported.map(({ name }) => [name, name] as const),
  ...members.map(({ name }) => [`Tensor.${name}`, `.${name}`] as const),
]);

test('every exported function and class, and every member of Tensor, has its names elsewhere or is listed to have none', () => {
  const missing = [...written].filter(([name, inTable]) => !names.has(inTable) && !(name in noCounterpart)).map(([name]) => name);
  expect(missing).toEqual([]);
});

test('what is listed to exist in tapegrad alone exists, and has no names elsewhere', () => {
  const wrong = Object.keys(noCounterpart).filter((name) => !written.has(name) || names.has(written.get(name)!));
  expect(wrong).toEqual([]);
});
