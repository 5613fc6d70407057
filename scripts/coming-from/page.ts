/** The page of names side by side, and the names of tapegrad that the tables use. */

import { readFileSync } from 'node:fs';
import ts from 'typescript';
import type { Section } from './row.ts';
import { noCounterpart, sections } from './table.ts';

/** The expressions of tapegrad in a file of tables, in order: of each row one, or several that stand in an array. */
function expressionsIn(file: string): ts.Expression[][] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const rows: ts.Expression[][] = [];
  const visit = (node: ts.Node): void => {
    const first = ts.isArrayLiteralExpression(node) ? node.elements[0] : undefined;
    if (first && ts.isArrowFunction(first)) rows.push(expressionsOf(first.body as ts.Expression));
    else ts.forEachChild(node, visit);
  };
  visit(source);
  return rows;
}

const expressionsOf = (body: ts.Expression): ts.Expression[] => (ts.isArrayLiteralExpression(body) ? [...body.elements] : [body]);

/** Every name that the tables use: `Linear` of `new Linear(…)`, and `.sum` of `x.sum()`. */
export function namesInTables(): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) {
      names.add(`.${node.name.text}`);
      visit(node.expression);
    } else if (ts.isPropertyAssignment(node)) visit(node.initializer);
    else if (ts.isIdentifier(node)) names.add(node.text);
    else ts.forEachChild(node, visit);
  };
  for (const file of Object.keys(sections)) for (const expressions of expressionsIn(file)) expressions.forEach(visit);
  return names;
}

const code = (text: string): string => (text === '' ? '' : `\`${text.replaceAll('|', '\\|')}\``);

/** An expression as one would write it if lines had no end. */
const onOneLine = (expression: ts.Expression): string =>
  expression
    .getText()
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/([[(]) /g, '$1')
    .replaceAll(/,? ([\])])/g, '$1');

function table({ rows }: Section, expressions: readonly ts.Expression[][]): string {
  const noted = rows.some(([, , , , , note]) => note);
  const lines = rows.map(([, torch, jax, numpy, tfjs, note], i) => {
    const here = expressions[i]!.map(onOneLine).join(', ');
    return `| ${[...[here, torch, jax, numpy, tfjs].map(code), ...(noted ? [note ?? ''] : [])].join(' | ')} |`;
  });
  const head = ['tapegrad', 'PyTorch', 'JAX', 'NumPy', 'TensorFlow.js', ...(noted ? [''] : [])];
  return [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...lines].join('\n');
}

function tables(): string[] {
  return Object.entries(sections).flatMap(([file, list]) => {
    const expressions = expressionsIn(file);
    let done = 0;
    return list.map((section) => {
      const own = expressions.slice(done, (done += section.rows.length));
      return `## ${section.title}\n\n${table(section, own)}`;
    });
  });
}

/** The page, below what is written by hand at its top. */
export function page(introduction: string): string {
  const own = Object.entries(noCounterpart).map(([name, what]) => `- \`${name}\`: ${what}`);
  return `${[
    '<!-- Made by `npm run coming-from` from scripts/coming-from/: edit the tables there, not this page. -->',
    introduction,
    ...tables(),
    `## In tapegrad alone\n\n${own.join('\n')}`,
  ].join('\n\n')}\n`;
}
