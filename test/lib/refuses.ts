import { expect, test } from 'vitest';

type ErrorClass = new (...args: any[]) => Error;
/** What is refused, the call, and the classes and messages that its error has to have. */
type Refusal = readonly [what: string, call: () => unknown, ...wanted: (ErrorClass | RegExp)[]];

/** One test for each case: its call throws an error of these classes and messages. The title names the case by `%s`. */
export function refuses(title: string, cases: readonly Refusal[]): void {
  test.each<Refusal>(cases)(title, (_, call, ...wanted) => {
    for (const each of wanted) expect(call).toThrow(each);
  });
}
