/** Whoever publishes a library on top of this one emits declarations: all types that these name must be exported by the package. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { beforeAll, expect, test } from 'vitest';

const entries = {
  tapegrad: 'src/index.ts',
  'tapegrad/datasets': 'src/datasets/index.ts',
  'tapegrad/io': 'src/io/index.ts',
  'tapegrad/sweep': 'src/sweep/index.ts',
};

/** What users write, without saying the types. */
const uses = [
  "export const swish = tapegrad.unaryOp('swish', { forward: (x) => x.mul(x.sigmoid()), backward: ({ dy }) => dy });",
  "export const product = tapegrad.binaryOp('product', { forward: (a, b) => a.mul(b), backward: { a: ({ dy, b }) => dy.mul(b), b: null } });",
  'export const makeLoss = (options: tapegrad.CrossEntropyOptions) => (x: tapegrad.Tensor, y: tapegrad.Tensor) => tapegrad.crossEntropy(x, y, options);',
  'export const sorted = tapegrad.sort(tapegrad.Tensor.of([3, 1, 2]));',
  'export const total = tapegrad.Tensor.zeros([2, 3]).sum(0);',
  'export const mean = (x: tapegrad.Tensor<[2, 3]>, axis: number) => x.mean(axis, { keepDims: true });',
];

/** The names of the values that an entry exports. */
function valuesOf(path: string): string[] {
  const { statements } = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022);
  return statements.filter(ts.isExportDeclaration).flatMap(({ exportClause, isTypeOnly }) => {
    if (!exportClause || !ts.isNamedExports(exportClause)) throw new Error(`${path} exports other than by name`);
    return isTypeOnly ? [] : exportClause.elements.filter((element) => !element.isTypeOnly).map(({ name }) => name.text);
  });
}

/** For each entry a file that exports all of its values again, and one with the uses. */
const sources = new Map(
  [
    ...Object.entries(entries).map(([entry, path], i) => {
      const lines = valuesOf(path).map((name) => `export const of_${name} = all.${name};`);
      return [`exports${i}.ts`, `import * as all from '${entry}';\n${lines.join('\n')}`] as const;
    }),
    ['uses.ts', `import * as tapegrad from 'tapegrad';\n${uses.join('\n')}`] as const,
  ].map(([name, text]) => [join(process.cwd(), 'test/types', name), text]),
);

let program: ts.Program;
beforeAll(() => {
  const config = ts.readConfigFile('tsconfig.json', (path) => readFileSync(path, 'utf8')).config;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd());
  const emitting = { ...options, noEmit: false, declaration: true, emitDeclarationOnly: true, types: [] };
  const host = ts.createCompilerHost(emitting);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => sources.has(path) || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    sources.has(path) ? ts.createSourceFile(path, sources.get(path)!, ts.ScriptTarget.ES2022) : getSourceFile.call(host, path, ...rest);
  program = ts.createProgram([...sources.keys()], emitting, host);
}, 60_000);

test('what is exported and used can be exported again, with declarations that name types by the package', { timeout: 60_000 }, () => {
  const errors: string[] = [];
  let declarations = '';
  for (const path of sources.keys()) {
    const file = program.getSourceFile(path)!;
    for (const { code, messageText } of [...program.getSemanticDiagnostics(file), ...program.getDeclarationDiagnostics(file)])
      errors.push(`TS${code}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
    program.emit(file, (_, text) => (declarations += text), undefined, true);
  }
  expect(errors).toEqual([]);
  // Outside of this repository the path of a file that the package does not export would be an error.
  expect(declarations.match(/.*import\("[^"]*src\/.*/g) ?? []).toEqual([]);
  expect(declarations).toContain('swish: tapegrad.ElementwiseOp<"x">');
});

/** The type references in a declaration's signature: not those in bodies, in private members, or in what is marked as internal. */
function typesIn(declaration: ts.Node): ts.Identifier[] {
  const found: ts.Identifier[] = [];
  // A conditional type is computed by the compiler, which names its result.
  if (ts.isTypeAliasDeclaration(declaration) && ts.isConditionalTypeNode(declaration.type)) return [];
  const visit = (node: ts.Node): void => {
    const hidden = ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
    const internal = ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal');
    if (hidden || internal || ts.isBlock(node) || (ts.isClassElement(node) && node.name && ts.isPrivateIdentifier(node.name))) return;
    if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName)) found.push(node.typeName);
    if (ts.isExpressionWithTypeArguments(node) && ts.isIdentifier(node.expression)) found.push(node.expression);
    ts.forEachChild(node, (child) => {
      const body = ts.isArrowFunction(node) && node.body === child;
      const value =
        (ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isPropertyDeclaration(node)) && node.initializer === child;
      if (!body && (!value || ts.isArrowFunction(child))) visit(child);
    });
  };
  visit(declaration);
  return found;
}

/** Types that users have no reason to name: the inside of machines and formulas, of optimizers, and of types that the compiler computes. */
const inside = new Set(['Machine', 'Storage', 'Expression', 'Step', 'AnyAdam', 'MomentOptimizer', 'State', 'Fits', 'Part']);

test('every type that the signature of an export names is exported as well', () => {
  const checker = program.getTypeChecker();
  const resolved = (symbol: ts.Symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
  const exported = Object.values(entries).flatMap((path) =>
    checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(join(process.cwd(), path))!)!).map(resolved),
  );
  expect(exported.length).toBeGreaterThan(100);
  const closed = new Set<string>();
  for (const symbol of exported) {
    for (const name of (symbol.declarations ?? []).flatMap(typesIn)) {
      const type = resolved(checker.getSymbolAtLocation(name)!);
      const [declaration] = type.declarations ?? [];
      const own = declaration?.getSourceFile().fileName.includes('/src/') && !ts.isTypeParameterDeclaration(declaration);
      if (own && !exported.includes(type) && !inside.has(type.name)) closed.add(`${type.name}, named by ${symbol.name}`);
    }
  }
  expect([...closed].sort()).toEqual([]);
});
