/** Where a file may stand and what it may import: the plan of the house, held against every line of `src/`. */

import { posix } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { sources } from './lib/sources.ts';

/** From the ground up. A file imports at run time from its own floor or one below, never above. */
const floors = [
  'base',
  'formula',
  'machine',
  'tensor',
  'functions',
  'autograd',
  'layers',
  'optim',
  'metrics',
  'training',
  'io',
  'datasets',
  'sweep',
  '.',
];

/** The rooms within a room, from the ground up likewise. Files beside them, at the door of the room, may import from all of them. */
const subrooms: Readonly<Record<string, readonly string[]>> = {
  machine: ['factorizations', 'wasm', 'threads'],
  tensor: ['ops'],
  functions: ['elementwise', 'layout', 'sums', 'linalg', 'nn', 'losses'],
  autograd: ['transforms', 'view', 'checks'],
  io: ['onnx'],
};

/** The one circle there is, of types: a tensor has methods that perform operations, whose rules are handed tensors. */
const mayNameTensor = /^src\/tensor\/(op|recorders|traced|composed|ops\/[^/]+)\.ts$/;

/** Files of one name, with the reason why nobody is misled. */
const twins: readonly (readonly [files: readonly string[], reason: string])[] = [
  [['src/datasets/index.ts', 'src/index.ts', 'src/io/index.ts', 'src/sweep/index.ts'], 'the front doors'],
  [['src/machine/wasm/matmul.ts', 'src/tensor/ops/matmul.ts'], 'the kernel, and the operation that it computes'],
];

/** A module that a file imports or exports from, and whether only types come from it. */
interface Import {
  readonly path: string;
  readonly erased: boolean;
}

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

/** The modules that a file names: in imports, re-exports, calls of `import()` and `require()`, and types such as `import('…').Tensor`. */
function importsOf(source: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier)
      found.push({ path: (node.moduleSpecifier as ts.StringLiteral).text, erased: isErased(node) });
    if (ts.isCallExpression(node) && /^(import|require)$/.test(node.expression.getText(source))) {
      const [path] = node.arguments;
      found.push({ path: path && ts.isStringLiteralLike(path) ? path.text : '(computed)', erased: false });
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal))
      found.push({ path: node.argument.literal.text, erased: true });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const files = [...sources.keys()];
const modules = new Map([...sources].map(([file, source]) => [file, importsOf(source)]));
/** The files that each file imports. */
const imports = new Map(
  [...modules].map(([file, all]) => [
    file,
    all.filter(({ path }) => path.startsWith('.')).map(({ path, erased }) => ({ path: posix.join(posix.dirname(file), path), erased })),
  ]),
);

/** The room of a file and the room within it, `.` at the door. */
function roomsOf(file: string): readonly [room: string, subroom: string] {
  const [, ...rooms] = posix.dirname(file).split('/');
  return [rooms[0] ?? '.', rooms.slice(1).join('/') || '.'];
}

/** All imports of a kind as `file imports path`. */
const offending = (wrong: (file: string, path: string, erased: boolean) => boolean): string[] =>
  [...imports].flatMap(([file, all]) =>
    all.filter(({ path, erased }) => wrong(file, path, erased)).map(({ path }) => `${file} imports ${path}`),
  );

test('every source file stands in a room of the house', () => {
  expect(files.length).toBeGreaterThan(0);
  const strays = files.filter((file) => {
    const [room, subroom] = roomsOf(file);
    return !floors.includes(room) || (subroom !== '.' && !subrooms[room]?.includes(subroom));
  });
  expect(strays).toEqual([]);
});

test('a file imports from its own floor or below', () => {
  const floorOf = (file: string) => floors.indexOf(roomsOf(file)[0]);
  expect(offending((file, path, erased) => !erased && floorOf(path) > floorOf(file))).toEqual([]);
});

test('within a room, a file imports from its own room or those below', () => {
  const upward = offending((file, path, erased) => {
    const [[room, from], [other, to]] = [roomsOf(file), roomsOf(path)];
    const order = subrooms[room];
    return !erased && room === other && from !== '.' && !!order && order.indexOf(to) > order.indexOf(from);
  });
  expect(upward).toEqual([]);
});

/** Every circle of imports, each told once. */
function circlesOf(counts: (file: string, found: Import) => boolean): string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, above: readonly string[]): void => {
    if (above.includes(file)) circles.push([...above.slice(above.indexOf(file)), file].join(' → '));
    if (done.has(file)) return;
    done.add(file);
    for (const found of imports.get(file) ?? []) if (counts(file, found)) visit(found.path, [...above, file]);
  };
  for (const file of files) visit(file, []);
  return circles;
}

test('no file imports itself, however far around', () => {
  expect(circlesOf((_, { erased }) => !erased)).toEqual([]);
});

test('no file imports a type from itself, however far around, but that operations name the type of a tensor', () => {
  const exempt = (file: string, { path, erased }: Import) => erased && path === 'src/tensor/tensor.ts' && mayNameTensor.test(file);
  expect(circlesOf((file, found) => !exempt(file, found))).toEqual([]);
});

test('no two files have the same name, unless nobody is misled', () => {
  const nameOf = (file: string) => posix.basename(file);
  // A family of layers may have the name of the functions that they apply.
  const isFamily = (file: string, other: string) =>
    [file, other].some((one) => one.startsWith('src/layers/')) && [file, other].some((one) => one.startsWith('src/functions/'));
  const repeated = files.filter((file) =>
    files.some((other) => other !== file && nameOf(other) === nameOf(file) && !isFamily(file, other)),
  );
  expect(repeated).toEqual(twins.flatMap(([files]) => files).sort());
});

test('nothing is imported from outside: no package, no module of Node', () => {
  const outside = [...modules].flatMap(([file, all]) =>
    all.filter(({ path, erased }) => !erased && !/^[.#]/.test(path)).map(({ path }) => `${file} imports ${path}`),
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
