/** Errors, a class for each kind. A message says where, what was expected, what came instead, and the likely fix. */

/** The base class of this package's errors. */
export class TapegradError extends Error {
  override name = 'TapegradError';
  /** Where in a model it was raised, such as `layers.2`, if that is known; then the message begins with it. */
  // Declared only: consoles print own properties, and nobody needs to read that there is none.
  declare layer: string | undefined;
}

/** Errors whose `layer` is a path from the root of the model. */
const rooted = /* @__PURE__ */ new WeakSet<TapegradError>();

/** What errors were before they were told a layer, and how deep in the model the last one that told them is. */
const before = /* @__PURE__ */ new WeakMap<
  TapegradError,
  { readonly message: string; readonly stack: string | undefined; readonly depth: number }
>();

/**
 * Adds to an error the path of the layer in which it was raised. Nested layers prepend theirs one after another, the innermost first; a
 * path from the root of the model (`fromRoot`) is complete, and nothing is prepended to it. One error that is thrown again, by a layer no less deep than
 * the last that told it, begins anew.
 * @param depth how many layers are being called, one inside another
 */
export function tellLayer(error: unknown, path: string, fromRoot = false, depth = 0): unknown {
  if (!(error instanceof TapegradError) || rooted.has(error) || Object.isFrozen(error)) return error;
  if (fromRoot) rooted.add(error);
  const own = before.get(error);
  const again = own !== undefined && depth >= own.depth;
  const { message, stack } = again ? own : error;
  const layer = again ? undefined : error.layer;
  before.set(error, { message: own?.message ?? message, stack: own ? own.stack : stack, depth });
  error.layer = layer === undefined ? path : `${path}.${layer}`;
  error.message = layer === undefined ? `${path}: ${message}` : `${path}.${message}`;
  // Consoles show the stack, into which engines copy the message when the error is made.
  if (stack) error.stack = stack.replace(message, () => error.message);
  return error;
}

/** Shapes, sizes or axes that do not fit. */
export class ShapeError extends TapegradError {
  override name = 'ShapeError';
}

/** A dtype that an operation does not take, or two dtypes in one operation. */
export class DtypeError extends TapegradError {
  override name = 'DtypeError';
}

/** A number or an option out of range: a label that is no class, a size that is no integer. */
export class ValueError extends TapegradError {
  override name = 'ValueError';
}

/** A tape used out of order: swept twice, or asked about a tensor that it did not record. */
export class TapeError extends TapegradError {
  override name = 'TapeError';
}

/** A derivative that is missing, or that differs from finite differences. */
export class DerivativeError extends TapegradError {
  override name = 'DerivativeError';
}

/** A state dict that does not fit its model. */
export class StateError extends TapegradError {
  override name = 'StateError';
}

/** Data that is missing, truncated or corrupt. */
export class DataError extends TapegradError {
  override name = 'DataError';
}

/** A request for more memory than there is. */
export class MemoryError extends TapegradError {
  override name = 'MemoryError';
}

/** A NaN or an infinity where only finite numbers are allowed. */
export class NonFiniteError extends TapegradError {
  override name = 'NonFiniteError';
}

/** An error by the name of its class, as it arrives from another thread. */
export function errorNamed(name: string, message: string): Error {
  const classes = [
    DataError,
    DerivativeError,
    DtypeError,
    MemoryError,
    NonFiniteError,
    ShapeError,
    StateError,
    TapeError,
    TapegradError,
    ValueError,
  ];
  const error = classes.map((Known) => new Known(message)).find((known) => known.name === name) ?? new Error(message);
  error.name = name;
  return error;
}
