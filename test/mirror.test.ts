/** Where a test may stand: the tests of a source file are in the folder and under the name of that file. */

import { existsSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { expect, test } from 'vitest';

/** Folders of what holds across rooms, and of what tests share. */
const across: readonly string[] = ['__doctest__', 'book', 'docs', 'golden', 'lib', 'operations', 'types'];

/** Tests named after no source file, with what they hold. */
const exceptions: Readonly<Record<string, string>> = {
  'test/autograd/memory.test.ts': 'how long a tape and a sweep hold tensors, measured in a process of its own',
  'test/autograd/transforms/any-order.test.ts': 'transforms of transforms',
  'test/autograd/view/pictures.test.ts': 'what holds of all pictures of a tape',
  'test/formula/elementary.test.ts': 'the last digit of every elementary function, whichever room its formula is in',
  'test/io/fuzz.test.ts': 'what holds of every reader, of hostile files',
  'test/layers/layer-case.ts': 'what a layer is checked with',
  'test/layers/suite.test.ts': 'what holds of every layer',
  'test/optim/memory.test.ts': 'a long training, measured in a process of its own',
};

const folders = readdirSync('test', { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !across.includes(entry.name))
  .map(({ name }) => name);

/** Samples that a suite walks, a file for each family. */
const samples = 'test/layers/cases/';

/** The files of the folders that mirror rooms, such as `test/tensor/ops/matmul.test.ts`. */
const tests = folders.flatMap((folder) =>
  readdirSync(`test/${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => posix.join(entry.parentPath.replaceAll('\\', '/'), entry.name))
    .filter((file) => !file.startsWith(samples)),
);

/** The source file after which a test is named. */
const sourceOf = (file: string): string => file.replace(/^test\//, 'src/').replace(/\.test\.ts$/, '.ts');

test('every folder of tests mirrors a room of src, or holds what is listed here', () => {
  expect(tests.length).toBeGreaterThan(50);
  const rooms = new Set(tests.map((file) => posix.dirname(sourceOf(file))));
  expect([...rooms].filter((room) => !existsSync(room))).toEqual([]);
});

test('every test in such a folder is named after a source file of the room, or listed here', () => {
  const strays = tests.filter((file) => !(file.endsWith('.test.ts') && existsSync(sourceOf(file))));
  expect(strays.toSorted()).toEqual(Object.keys(exceptions));
});

test('every listed folder exists', () => {
  expect(across.filter((folder) => folder !== '__doctest__' && !existsSync(`test/${folder}`))).toEqual([]);
});
