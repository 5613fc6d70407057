/** A tape as text. */

import { formatShape } from '../../base/shape.ts';
import type { Computation, Entry, Value } from '../entries.ts';

/** The name of every value, by id: its own, the number it holds, or `%0`, `%1`, … in the order in which they appear. */
export function namesOf(entries: readonly Entry[], values: readonly Value[]): string[] {
  const names: string[] = [];
  values.forEach(({ name, constant }, id) => {
    if (name !== undefined) names[id] = name;
    else if (constant !== undefined) names[id] = String(constant);
  });
  let count = 0;
  for (const { inputs, output } of entries) {
    for (const id of Object.values(inputs)) names[id] ??= `%${count++}`;
    names[output] ??= `%${count++}`;
  }
  return names;
}

/** The attributes of an operation: `axes: [0]`. Those that are `false` are left out. */
export const attributesOf = (attributes: object): string[] =>
  Object.entries(attributes)
    .filter(([, value]) => value !== false)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? formatShape(value) : String(value)}`);

/** One line an operation. */
export function linesOf(entries: readonly Entry[], values: readonly Value[]): string[] {
  const names = namesOf(entries, values);
  return entries.map(({ op, inputs, attributes, output }) => {
    const given = Object.values(inputs).map((id) => names[id]);
    return `${names[output]} : ${formatShape(values[output]!.shape)} = ${op.name}(${[...given, ...attributesOf(attributes)].join(', ')})`;
  });
}

/** The lines of all operations. */
export const write = ({ entries, values }: Computation): string => linesOf(entries, values).join('\n');
