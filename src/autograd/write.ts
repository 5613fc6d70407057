/** A tape as text. */

import { show } from '../tensor/shape.ts';
import type { Entry, Value } from './tape.ts';

/** One line an operation. Values without a name are numbered as they appear. */
export function write(entries: readonly Entry[], values: readonly Value[]): string {
  const numbers = new Map<number, string>();
  const nameOf = (which: number): string => {
    const { name, constant } = values[which]!;
    if (name !== undefined) return name;
    if (constant !== undefined) return String(constant);
    const number = numbers.get(which) ?? `%${numbers.size}`;
    numbers.set(which, number);
    return number;
  };
  return entries
    .map(({ op, inputs, attributes, output }) => {
      const given = Object.values(inputs).map(nameOf);
      // What is not so need not be said.
      const told = Object.entries(attributes)
        .filter(([, value]) => value !== false)
        .map(([name, value]) => `${name}: ${Array.isArray(value) ? show(value) : String(value)}`);
      return `${nameOf(output)} : ${show(values[output]!.shape)} = ${op.name}(${[...given, ...told].join(', ')})`;
    })
    .join('\n');
}
