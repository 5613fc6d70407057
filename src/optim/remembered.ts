/** What an optimizer remembers of a parameter, made anew from plain data: of the form that `init` gives. */

import { isPlainObject, quote } from '../base/options.ts';
import { formatShape, sameShape } from '../base/shape.ts';
import { Parameter } from '../tensor/parameter.ts';
import { copyPlain, isNumbers } from '../tensor/plain-data.ts';
import { Tensor } from '../tensor/tensor.ts';

const described = ({ dtype, sizes }: Tensor): string => `${dtype} ${formatShape(sizes)}`;

/**
 * Plain data in the form of a template: parameters where that has parameters, numbers where it has numbers, as many and by the same names. Where it has
 * `undefined` there is nothing, or a parameter like the one that all is remembered of; where it has `null` or an empty list there may be anything.
 * @param w the parameter that it is remembered of
 * @param where its place, for `misfits`, to which is added what is of another form
 */
export function remembered(w: Parameter, template: unknown, value: unknown, where: string, misfits: string[]): unknown {
  const misfit = (expected: string) => {
    misfits.push(`misfit: ${where}, expected ${expected}, got ${value instanceof Tensor ? described(value) : quote(value)}`);
  };
  if (template === null) return copyPlain(where, value);
  if (template === undefined && value === undefined) return undefined;
  if (template === undefined || template instanceof Tensor) {
    const like = template ?? w;
    if (!(value instanceof Tensor) || !sameShape(value.sizes, like.sizes) || value.dtype !== like.dtype) return misfit(described(like));
    return template instanceof Tensor && !(template instanceof Parameter) ? value : new Parameter(value);
  }
  if (isNumbers(template)) {
    const isLike = isNumbers(value) && value.constructor === template.constructor && value.length === template.length;
    return isLike ? value.slice() : misfit(`${template.length} numbers in a ${template.constructor.name}`);
  }
  if (Array.isArray(template)) {
    if (!Array.isArray(value) || (template.length > 0 && template.length !== value.length))
      return misfit(`a list of ${template.length || 'any length'}`);
    return value.map((part, i) => remembered(w, template.length > 0 ? template[i] : null, part, `${where}.${i}`, misfits));
  }
  if (isPlainObject(template)) {
    if (!isPlainObject(value)) return misfit(`an object with ${Object.keys(template).join(', ') || 'nothing in it'}`);
    for (const key of Object.keys(value))
      if (!Object.hasOwn(template, key)) misfits.push(`left over: ${where}.${key}, which the optimizer does not have`);
    return Object.fromEntries(
      Object.keys(template).map((key) => {
        const part = Object.hasOwn(value, key) ? value[key] : undefined;
        return [key, remembered(w, template[key], part, `${where}.${key}`, misfits)];
      }),
    );
  }
  return typeof value === typeof template ? value : misfit(`a ${typeof template}`);
}
