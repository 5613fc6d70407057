/** In which layer something went wrong. */

import { expect, test } from 'vitest';
import { ShapeError, tellLayer, ValueError } from '../../src/base/errors.ts';

test('layers tell their names one after another, and the stack tells the same message', () => {
  const error = new ShapeError('matmul: no');
  expect(tellLayer(error, 'layers.1', false, 1)).toBe(error);
  tellLayer(error, 'decoder');
  expect([error.message, error.layer]).toEqual(['decoder.layers.1: matmul: no', 'decoder.layers.1']);
  expect(error.stack).toContain('decoder.layers.1: matmul: no');
});

test('a path from the root is complete', () => {
  const error = new ValueError('log: no');
  tellLayer(error, 'net.head', true);
  tellLayer(error, 'layers.0');
  expect([error.message, error.layer]).toEqual(['net.head: log: no', 'net.head']);
});

test('an error that is thrown again by a layer no less deep begins anew', () => {
  const error = new ValueError('log: no');
  tellLayer(error, 'a', false, 2);
  tellLayer(error, 'b', false, 1);
  tellLayer(error, 'c', false, 1);
  expect([error.message, error.layer]).toEqual(['c: log: no', 'c']);
  expect(error.stack).toContain('c: log: no');
});

test('what is no error of this package, and what cannot be changed, is left as it is', () => {
  const frozen = Object.freeze(new ValueError('log: no'));
  expect(tellLayer(frozen, 'a')).toBe(frozen);
  expect(frozen.message).toBe('log: no');
  const other = new TypeError('no');
  for (const thrown of [other, 'text', null, undefined]) expect(tellLayer(thrown, 'a')).toBe(thrown);
  expect(other.message).toBe('no');
});
