/** Errors that name what was called. */

import { TapegradError } from './errors.ts';

/** Runs what performs an operation of another name for a function. The errors of that operation name the function, as the user knows no other. */
export function calledAs<T>(name: string, operation: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof TapegradError)) throw error;
    const { message, stack } = error;
    // The path of a layer may stand before it.
    error.message = message.replace(`${operation}: `, () => `${name}: `);
    if (stack) error.stack = stack.replace(message, () => error.message);
    throw error;
  }
}
