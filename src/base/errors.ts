/** What can go wrong, one class a kind. A message says where, what was expected, what came instead, and the likely fix. */

/** Any error of this package. */
export class TapegradError extends Error {
  override name = 'TapegradError';
  /** Where in a model it was raised, such as `layers.2`, if that is known: then the message begins with it. */
  layer: string | undefined;
}

/** Errors of which it is known where in the whole model they were raised. */
const placed = /* @__PURE__ */ new WeakSet<TapegradError>();

/**
 * Tells an error the path of the layer in which it was raised. Paths of layers within layers are joined as it passes outward; one that is known from
 * the root of the model is not added to.
 */
export function tellLayer(error: unknown, path: string, fromRoot = false): unknown {
  if (!(error instanceof TapegradError) || placed.has(error)) return error;
  if (fromRoot) placed.add(error);
  const { message, layer, stack } = error;
  error.layer = layer === undefined ? path : `${path}.${layer}`;
  error.message = layer === undefined ? `${path}: ${message}` : `${path}.${message}`;
  // Engines write the message into the stack when the error is made, and consoles show the stack.
  if (stack) error.stack = stack.replace(message, () => error.message);
  return error;
}

/** Shapes, sizes or axes that do not fit. */
export class ShapeError extends TapegradError {
  override name = 'ShapeError';
}

/** Kinds of number that do not fit, or that meet. */
export class DtypeError extends TapegradError {
  override name = 'DtypeError';
}

/** A number or an option outside what is allowed: a label out of range, a size that is no integer. */
export class ValueError extends TapegradError {
  override name = 'ValueError';
}

/** A tape used against its order: swept twice, or asked for what it never saw. */
export class TapeError extends TapegradError {
  override name = 'TapeError';
}

/** A derivative that is missing, or that is not what small steps measure. */
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

/** More memory than there is. */
export class MemoryError extends TapegradError {
  override name = 'MemoryError';
}

/** A NaN or an infinity, where all numbers were to be finite. */
export class NonFiniteError extends TapegradError {
  override name = 'NonFiniteError';
}
