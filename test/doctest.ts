import { Tensor } from 'tapegrad';

/** What the tests made by scripts/doctest.ts compare: tensors and typed arrays as arrays, also inside of arrays; all else as it is. */
export function plain(value: unknown): unknown {
  if (value instanceof Tensor) return value.toArray();
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  return Array.isArray(value) ? value.map(plain) : value;
}

/** The name of the error that `f` throws or is rejected with. */
export async function thrownBy(f: () => unknown): Promise<string> {
  try {
    await f();
  } catch (error) {
    return (error as Error).name;
  }
  return 'nothing was thrown';
}
