/** Errors that name what was called. */

import { expect, test } from 'vitest';
import { calledAs } from '../../src/base/called-as.ts';
import { tellLayer, ValueError } from '../../src/base/errors.ts';

const thrown = (error: unknown): unknown => {
  try {
    calledAs('take', 'gather', () => {
      throw error;
    });
  } catch (caught) {
    return caught;
  }
  return undefined;
};

test('an error of the inner operation names the function, behind the path of a layer too, in its stack as well', () => {
  const error = new ValueError('gather: index 5; gather: 6');
  expect(thrown(error)).toBe(error);
  expect(error.message).toBe('take: index 5; gather: 6');
  expect(error.stack).toContain('take: index 5');
  expect(error.stack).not.toContain('ValueError: gather');
  expect((thrown(tellLayer(new ValueError('gather: no'), 'layers.0')) as Error).message).toBe('layers.0: take: no');
  expect((thrown(Object.assign(new ValueError('gather: no'), { stack: undefined })) as Error).stack).toBeUndefined();
});

test('other errors pass as they are, and so do results', () => {
  expect((thrown(new ValueError('add: no')) as Error).message).toBe('add: no');
  expect((thrown(new TypeError('gather: no')) as Error).message).toBe('gather: no');
  expect(calledAs('take', 'gather', () => 3)).toBe(3);
});
