/** A tape as text. */

import { formatShape } from '../../base/shape.ts';
import type { Entry, Value } from '../tape.ts';

/** What every value is called: by its name, by the number it holds, or `%0`, `%1`, … as they appear. */
export function namesOf(entries: readonly Entry[], values: readonly Value[]): string[] {
  const names: string[] = [];
  values.forEach(({ name, constant }, which) => {
    if (name !== undefined) names[which] = name;
    else if (constant !== undefined) names[which] = String(constant);
  });
  let count = 0;
  for (const { inputs, output } of entries) {
    for (const which of Object.values(inputs)) names[which] ??= `%${count++}`;
    names[output] ??= `%${count++}`;
  }
  return names;
}

/** The attributes of an operation: `axes: [0]`. What is not so need not be said. */
export const attributesOf = (attributes: object): string[] =>
  Object.entries(attributes)
    .filter(([, value]) => value !== false)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? formatShape(value) : String(value)}`);

/** One line an operation. */
export function linesOf(entries: readonly Entry[], values: readonly Value[]): string[] {
  const names = namesOf(entries, values);
  return entries.map(({ op, inputs, attributes, output }) => {
    const given = Object.values(inputs).map((which) => names[which]);
    return `${names[output]} : ${formatShape(values[output]!.shape)} = ${op.name}(${[...given, ...attributesOf(attributes)].join(', ')})`;
  });
}

/** The lines of all operations. */
export const write = (entries: readonly Entry[], values: readonly Value[]): string => linesOf(entries, values).join('\n');
