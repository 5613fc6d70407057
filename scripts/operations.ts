/**
 * How exact every operation is, and its first and second derivatives: `npm run operations` measures all of them and writes `docs/operations.md`; with
 * `-- --check` it says instead which rows of the page are stale, and fails if any is.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import type { AnyOp } from '../src/autograd/checks/samples.ts';
import { composed } from './operations/composed.ts';
import { type Finding, measure, measureComposed, type Order, orders } from './operations/measure.ts';
import { ops } from './operations/table.ts';

const PAGE = 'docs/operations.md';
/** More than this many ulps would be a fault, and not rounding. */
const MOST = 1000;

const cell = (finding: Finding): string =>
  typeof finding === 'string' ? finding : `${finding.ulps < 0.005 ? '0' : finding.ulps.toFixed(2)} (${finding.judged})`;
const offenders: string[] = [];
/** A row for each dtype of each of these, in the order of their names. */
function rowsOf<T>(
  table: Readonly<Record<string, T>>,
  find: (what: T, dtype: 'float32' | 'float64') => Readonly<Record<Order, Finding>>,
): string[] {
  const rows: string[] = [];
  for (const [name, what] of Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const dtype of ['float32', 'float64'] as const) {
      const found = find(what, dtype);
      rows.push(`| ${name} | ${dtype} | ${orders.map((order) => cell(found[order])).join(' | ')} |`);
      for (const order of orders) {
        const finding = found[order];
        if (typeof finding !== 'string' && !(finding.ulps <= MOST)) offenders.push(`${name} in ${dtype}, ${order}: ${finding.ulps} ulps`);
      }
    }
  }
  return rows;
}
const primitive = rowsOf(ops as unknown as Record<string, AnyOp>, measure);
const composite = rowsOf(composed, measureComposed);
const HEAD = '| dtype | value | first derivative | second derivative |\n| --- | --- | --- | --- | --- |';

const page = `# How exact the operations are

Every operation, in both dtypes: the largest error of its value, of its first derivative and of its second, in ulps (the distance
between neighbouring numbers at the true one), and in brackets how many numbers were judged; below, the functions that are
composed of these. No list of operations is kept: the table is found by walking the modules of \`src/tensor/ops\` and \`src/functions\` for the literals
that they export (\`scripts/operations/table.ts\`), and a test refuses a literal that is not exported.

The true value is that of the operation's definition, worked out in decimal numbers of sixty digits; the true derivatives are differences of those values, with steps of 1e-20
and 1e-14, so they owe nothing to the rules that are judged: a wrong sign in a rule would show as millions of ulps. The gradient that arrives, and the direction of the
second derivative, are random. A number that is small beside others of its tensor, or beside 1, is judged by the ulp of a thousandth of the largest, or of 1: where terms
cancel, what is left cannot be more exact than they were. Arguments are drawn as each operation declares them, real numbers that float32 has. The elementary functions are measured over all float32 and
their whole range in [numerics.md](numerics.md).

Written by \`npm run operations\`; \`npm run operations -- --check\`, which CI runs, fails when it is stale.

| operation ${HEAD}
${primitive.join('\n')}

## Composed functions

Their true values are those of the same operations one after another, each by its definition in sixty digits, with such options that more than the shortest way is taken.
That these are the right operations is not judged here: golden values and definitions in plain loops do that, in \`test/golden\` and \`test/tensor\`.

| function ${HEAD}
${composite.join('\n')}
`;

if (offenders.length > 0) {
  console.error(`more than rounding:\n  ${offenders.join('\n  ')}`);
  process.exit(1);
}
if (process.argv.includes('--check')) {
  const [before, now] = [readFileSync(PAGE, 'utf8'), page].map((text) => text.split('\n'));
  const stale = now!.filter((line, i) => line !== before![i]);
  if (stale.length > 0 || before!.length !== now!.length) {
    console.error(`${PAGE} is stale; npm run operations writes it anew. What differs:\n  ${stale.slice(0, 20).join('\n  ')}`);
    process.exit(1);
  }
  console.log(`${PAGE} is what is measured: ${primitive.length + composite.length} rows`);
} else {
  writeFileSync(PAGE, page);
  console.log(`${PAGE}: ${primitive.length + composite.length} rows`);
}
