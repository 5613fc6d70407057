import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

/** From the ground up. A file imports at run time from its own floor or one below, never above. */
const floors = ['base', 'formula', 'machine', 'tensor', 'functions', 'autograd', 'layers', 'optim', 'metrics', 'io', 'datasets', '.'];

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/${name.replaceAll('\\', '/')}`)
  .sort();

const parse = (file: string) => ts.createSourceFile(file, readFileSync(join(process.cwd(), file), 'utf8'), ts.ScriptTarget.Latest, true);
const sources = new Map(files.map((file) => [file, parse(file)]));

/** Whether nothing is left of an import or export when the types are erased. */
function isErased(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(statement)) {
    const clause = statement.exportClause;
    return statement.isTypeOnly || (!!clause && ts.isNamedExports(clause) && clause.elements.every((element) => element.isTypeOnly));
  }
  const clause = statement.importClause;
  if (!clause) return false;
  const named = clause.namedBindings;
  return (
    clause.isTypeOnly || (!clause.name && !!named && ts.isNamedImports(named) && named.elements.every((element) => element.isTypeOnly))
  );
}

/** The modules that a file names at run time: in imports, re-exports, and calls of `import()` and `require()`. */
function modulesOf(source: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier && !isErased(node)) {
      found.push((node.moduleSpecifier as ts.StringLiteral).text);
    }
    if (ts.isCallExpression(node) && /^(import|require)$/.test(node.expression.getText(source))) {
      const [path] = node.arguments;
      found.push(path && ts.isStringLiteralLike(path) ? path.text : '(computed)');
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const modules = new Map([...sources].map(([file, source]) => [file, modulesOf(source)]));
const imports = new Map(
  [...modules].map(([file, paths]) => [file, paths.filter((path) => path.startsWith('.')).map((path) => posix.join(dirname(file), path))]),
);

function floorOf(file: string): number {
  const [, room] = file.split('/');
  return floors.indexOf(room!.endsWith('.ts') ? '.' : room!);
}

test('every source file stands on a floor of the house', () => {
  expect(files.length).toBeGreaterThan(0);
  expect(files.filter((file) => floorOf(file) === -1)).toEqual([]);
});

test('a file imports from its own floor or below', () => {
  const upward = [...imports].flatMap(([file, paths]) =>
    paths.filter((path) => floorOf(path) > floorOf(file)).map((path) => `${file} imports ${path}`),
  );
  expect(upward).toEqual([]);
});

test('no file imports itself, however far around', () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, above: readonly string[]): void => {
    if (above.includes(file)) circles.push([...above.slice(above.indexOf(file)), file].join(' → '));
    if (done.has(file)) return;
    done.add(file);
    for (const path of imports.get(file) ?? []) visit(path, [...above, file]);
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});

test('nothing is imported from outside: no package, no module of Node', () => {
  const outside = [...modules].flatMap(([file, paths]) =>
    paths.filter((path) => !/^[.#]/.test(path)).map((path) => `${file} imports ${path}`),
  );
  expect(outside).toEqual([]);
});

/** Engines round these differently, so none may decide a bit of a result. */
const unequal = /^Math\.(a?(sin|cos|tan)h?|atan2|cbrt|exp|expm1|hypot|log|log10|log1p|log2|pow|random)$/;

test('no file calls a function whose last bit differs from engine to engine', () => {
  const calls = [...sources].flatMap(([file, source]) => {
    const found: string[] = [];
    const visit = (node: ts.Node): void => {
      // Powers of two are exact everywhere.
      if (
        ts.isBinaryExpression(node) &&
        node.operatorToken.kind === ts.SyntaxKind.AsteriskAsteriskToken &&
        node.left.getText(source) !== '2'
      )
        found.push(`${file} uses ${node.getText(source)}`);
      if (ts.isPropertyAccessExpression(node) && unequal.test(node.getText(source))) found.push(`${file} uses ${node.getText(source)}`);
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found;
  });
  expect(calls).toEqual([]);
});
