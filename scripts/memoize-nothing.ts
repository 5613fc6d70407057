/**
 * What mutation tests have in place of `memoize` below formulas: it makes the value every time, and returns the first. A formula is written once
 * a process, so a planted fault in one would only be tried against the test that came first; written again for every use, all its tests are known.
 */
export function memoize<Key extends string, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>();
  return (key) => {
    const value = make(key);
    if (!made.has(key)) made.set(key, value);
    return made.get(key)!;
  };
}
