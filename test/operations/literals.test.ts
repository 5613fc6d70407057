/**
 * No operation is forgotten: whatever file of `src/` makes one, it is a constant that its file exports, so the walk of `table.ts` finds it.
 */

import ts from 'typescript';
import { expect, test } from 'vitest';
import { literals, rooms } from '../../scripts/operations/table.ts';
import { sources } from '../lib/sources.ts';

/** Where operations are made for each call, and so have no place in the table. */
const madeWhenCalled: Readonly<Record<string, string>> = {
  'src/autograd/taken-out.ts': 'of the tensors whose numbers a rule looked at',
  'src/autograd/transforms/custom-vjp.ts': 'of the functions that it is handed',
};

/** Where `elementwiseOp` and its like are. */
const FACTORIES = 'src/tensor/op.ts';
const PARTS = ['name', 'backward', 'shape', 'forward', 'sample'];

const isLiteral = (node: ts.Node): boolean => {
  if (!ts.isObjectLiteralExpression(node)) return false;
  const names = node.properties.map((property) => (property.name ? property.name.getText() : ''));
  return PARTS.every((part) => names.includes(part));
};

const isFunction = (node: ts.Node): boolean =>
  ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node) || ts.isArrowFunction(node) || ts.isMethodDeclaration(node);

const isExported = (statement: ts.Node): boolean =>
  ts.canHaveModifiers(statement) && !!ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

/**
 * The name that a node at the top of a file is declared by, and whether it is a constant that the file exports; nothing for any other node.
 */
function declarationOf(node: ts.Node): { name: string; exported: boolean } | undefined {
  if (ts.isFunctionDeclaration(node)) return { name: node.name?.text ?? '', exported: isExported(node) };
  const { parent } = node;
  if (!ts.isVariableDeclaration(parent) || parent.initializer !== node || !ts.isSourceFile(parent.parent.parent.parent)) return undefined;
  const exported = isExported(parent.parent.parent) && (parent.parent.flags & ts.NodeFlags.Const) !== 0;
  return { name: parent.name.getText(), exported };
}

/** The function that returns a node: the node is what it returns, and nothing besides. */
function returnedBy(node: ts.Node): ts.Node | undefined {
  let { parent } = node;
  while (ts.isParenthesizedExpression(parent)) parent = parent.parent;
  if (ts.isArrowFunction(parent)) return parent;
  if (!ts.isReturnStatement(parent)) return undefined;
  while (!isFunction(parent)) parent = parent.parent;
  return parent;
}

/** The operations that some files make, and what is wrong with how they do it. */
function operationsOf(files: ReadonlyMap<string, ts.SourceFile>): { made: string[]; wrong: string[] } {
  // A function that no other file can call counts in its own file only.
  const factories = new Set(['elementwiseOp', 'unaryOp', 'binaryOp']);
  const isFactory = (file: string, name: string) => factories.has(name) || factories.has(`${file}: ${name}`);
  const find = (): { made: string[]; wrong: string[] } => {
    const [made, wrong]: [string[], string[]] = [[], []];
    for (const [file, source] of files) {
      if (file === FACTORIES || file in madeWhenCalled) continue;
      const inRoom = rooms.some((room) => file.startsWith(`src/${room}/`));
      const visit = (node: ts.Node): void => {
        ts.forEachChild(node, visit);
        if (!(isLiteral(node) || (ts.isCallExpression(node) && isFactory(file, node.expression.getText())))) return;
        const [own, around] = [declarationOf(node), returnedBy(node)];
        const factory = around && declarationOf(around);
        if (factory) factories.add(factory.exported ? factory.name : `${file}: ${factory.name}`);
        else if (own?.exported && inRoom) made.push(`${file}: ${own.name}`);
        else wrong.push(`${file}: ${own?.name ?? node.getText().slice(0, 60)}`);
      };
      visit(source);
    }
    return { made, wrong };
  };
  // A function that returns an operation may stand below its first call.
  for (let known = 0; known < factories.size; ) {
    known = factories.size;
    find();
  }
  return find();
}

const read = (file: string, text: string) => new Map([[file, ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)]]);

test('every operation is a constant that a file of the rooms of operations exports, and the table has it', () => {
  const { made, wrong } = operationsOf(sources);
  expect(wrong).toEqual([]);
  expect(made).toHaveLength(literals.length);
});

test('no two operations have the same name', () => {
  const names = literals.map(({ name }) => name);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

test.each([
  ['a constant that is not exported', "const cube = unaryOp('cube', {});", 'cube'],
  ['a variable', "export let cube = unaryOp('cube', {});", 'cube'],
  ['an operation inside a function', "export const f = (x) => perform(binaryOp('f', {}), { x });", "binaryOp('f', {})"],
  [
    'a literal inside a function',
    'function f(x) { const op = { name, backward, shape, forward, sample }; return x.apply(op); }',
    '{ name,',
  ],
  ['a list of operations', "export const all = [unaryOp('a', {}), unaryOp('b', {})];", "unaryOp('a', {})"],
  ['what a factory gave, unexported', "const f = made('f');\nfunction made(name) { return unaryOp(name, {}); }", 'f'],
  [
    'what a factory of a factory gave',
    "const f = twice('f');\nconst twice = (name) => made(name);\nconst made = (name) => elementwiseOp(name, {});",
    'f',
  ],
])('%s is found', (_, text, culprit) => {
  const { wrong } = operationsOf(read('src/functions/sums/f.ts', text));
  expect(wrong[0]).toContain(`src/functions/sums/f.ts: ${culprit}`);
});

test('an operation outside of the rooms of operations is found, however it is exported', () => {
  expect(operationsOf(read('src/layers/cube.ts', "export const cube = unaryOp('cube', {});")).wrong).toEqual(['src/layers/cube.ts: cube']);
});
