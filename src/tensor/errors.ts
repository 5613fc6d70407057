/** What can go wrong, one class a kind. A message says where, what was expected, what came instead, and the likely fix. */

/** Any error of this package. */
export class TapegradError extends Error {
  override name = 'TapegradError';
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
