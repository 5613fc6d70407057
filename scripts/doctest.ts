// Turns the snippets of the documentation into tests, which `tsc` checks and vitest runs: fenced ```ts blocks of Markdown
// files and doc comments, and the text of an `@example` without a fence. A snippet of a doc comment needs no imports.
//   expression // => value          is compared with toEqual, a tensor by its nested array (`plain` in test/doctest.ts)
//   console.log(x) // => text       is compared with what is printed; further lines of it follow as `//    text`
//   expression // throws ShapeError
// ```ts no-run is compiled and not run, ```ts no-test is left alone.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

/** Code of the documentation, and the line of its file on which it begins. */
export interface Snippet {
  readonly code: string;
  readonly line: number;
  readonly run: boolean;
}

const linesBefore = (text: string, end: number): number => text.slice(0, end).split('\n').length - 1;

/** The fenced blocks of `text`, whose first line is line `first` of its file. */
function fenced(text: string, first: number): Snippet[] {
  return [...text.matchAll(/^```ts(?: (no-run))?\n([\s\S]*?)^```/gm)].map(({ index, 1: mark, 2: code }) => {
    return { code: code!, line: first + linesBefore(text, index) + 1, run: !mark };
  });
}

/** The text of every `@example` that has no fence: from the tag to the next one, or to the end of the comment. */
function unfenced(text: string, first: number): Snippet[] {
  return [...text.matchAll(/(?<=^|\s)@example\b\s*([\s\S]*?)(?=^@\w|\s@example\b|(?![\s\S]))/gm)]
    .filter(({ 1: code }) => !code!.includes('```'))
    .map(({ index, 0: all, 1: code }) => ({ code: code!, line: first + linesBefore(text, index + all.length - code!.length), run: true }));
}

/** The snippets of a Markdown or TypeScript file. */
export function snippetsOf(file: string, text: string): Snippet[] {
  if (file.endsWith('.md')) return fenced(text, 1);
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap(({ index, 0: comment }) => {
    const words = comment.slice(3, -2).replaceAll(/^[^\n\S]*\* ?/gm, '');
    const first = linesBefore(text, index) + 1;
    return [...fenced(words, first), ...unfenced(words, first)];
  });
}

/** One statement, with what the comment after it expects of it. */
function assertion(statement: ts.Statement, sign: string, value: string): string {
  const code = statement.getText().replace(/;$/, '');
  if (sign === 'throws') {
    // What throws is often refused by the compiler too, so type errors are ignored here.
    const line = ts.isExpressionStatement(statement) ? `return ${code}` : code;
    return `expect(await thrownBy(async () => {\n// @ts-ignore\n${line};\n})).toBe(${JSON.stringify(/\w+/.exec(value)?.[0])});`;
  }
  if (ts.isVariableStatement(statement)) {
    const name = statement.declarationList.declarations[0]!.name.getText();
    return `${code};\nexpect(plain((${name}))).toEqual(plain(${value}));`;
  }
  if (!ts.isExpressionStatement(statement)) throw new Error(`nothing to compare with "// => ${value}" in: ${code}`);
  const printed = /^console\.log\(([\s\S]*)\)$/.exec(code);
  if (printed) return `expect(format(${printed[1]})).toBe(${JSON.stringify(value)});`;
  return `expect(plain(${code})).toEqual(plain(${value}));`;
}

/** A snippet as statements with assertions, and its import declarations as `[module, names]`. */
export function compile({ code }: Snippet): { body: string; imports: [string, string[]][] } {
  const { statements } = ts.createSourceFile('snippet.ts', code, ts.ScriptTarget.Latest, true);
  const imports: [string, string[]][] = [];
  let expectations = 0;
  const body = statements.map((statement, i) => {
    if (ts.isImportDeclaration(statement)) {
      const { importClause, moduleSpecifier } = statement;
      const named = importClause?.namedBindings;
      if (!named || !ts.isNamedImports(named)) throw new Error(`import by name: ${statement.getText()}`);
      const kind = statement.getText().startsWith('import type') ? 'type ' : '';
      imports.push([moduleSpecifier.getText().slice(1, -1), named.elements.map((element) => kind + element.getText())]);
      return '';
    }
    const after = code.slice(statement.end, statements[i + 1]?.getStart() ?? code.length);
    const expected = /^;?[^\n\S]*\n?[^\n\S]*\/\/ (=>|throws) (.*(?:\n[^\n\S]*\/\/ {4}.*)*)/.exec(after);
    if (!expected) return statement.getText();
    expectations++;
    return assertion(statement, expected[1]!, expected[2]!.replaceAll(/[^\n\S]*\n[^\n\S]*\/\/ {4}/g, '\n').trimEnd());
  });
  const written = code.match(/\/\/ (=>|throws) /g)?.length ?? 0;
  if (written !== expectations) throw new Error(`a "// =>" or "// throws" that follows no statement of the outermost level:\n${code}`);
  return { body: body.filter(Boolean).join('\n'), imports };
}

/** The test file of all snippets of `file`; `offered` are the names by module that a doc comment may use without an import. */
export function testFile(file: string, snippets: readonly Snippet[], offered: ReadonlyMap<string, readonly string[]>): string {
  const names = new Map<string, Set<string>>();
  const include = (module: string, name: string) => names.set(module, (names.get(module) ?? new Set()).add(name));
  const tests = snippets.map((snippet) => {
    const { body, imports } = compile(snippet);
    for (const [module, list] of imports) for (const name of list) include(module, name);
    const known = new Set(imports.flatMap(([, list]) => list.map((name) => name.replace(/^type |^.* as /, ''))));
    for (const [module, list] of offered) {
      for (const name of list) {
        if (known.has(name) || !new RegExp(`(?<![\\w]|(?<!\\.\\.)\\.)${name}\\b`).test(snippet.code)) continue;
        known.add(name);
        include(module, name);
      }
    }
    return `\ntest${snippet.run ? '' : '.skip'}('${file}:${snippet.line}', async () => {\n${body}\n});\n`;
  });
  const own = `import { format } from 'node:util';\nimport { expect, test } from 'vitest';\nimport { plain, thrownBy } from '../doctest.ts';\n`;
  const others = [...names].map(([module, list]) => `import { ${[...list].join(', ')} } from '${module}';\n`);
  return `${own}${others.join('')}\nvoid [expect, format, plain, thrownBy];\n${tests.join('')}`;
}

/** What a doc comment of `file` may use: the package, its datasets, files and sweeps where they are described, and the exports of the file itself. */
async function offeredTo(file: string): Promise<Map<string, string[]>> {
  const modules: [string, string][] = [['tapegrad', 'src/index.ts']];
  if (file.startsWith('src/datasets/')) modules.push(['tapegrad/datasets', 'src/datasets/index.ts']);
  if (file.startsWith('src/io/')) modules.push(['tapegrad/io', 'src/io/index.ts']);
  if (file.startsWith('src/sweep/')) modules.push(['tapegrad/sweep', 'src/sweep/index.ts']);
  modules.push([`../../${file}`, file]);
  const exportsOf = async (path: string) => Object.keys(await import(pathToFileURL(path).href));
  return new Map(await Promise.all(modules.map(async ([name, path]) => [name, await exportsOf(path)] as [string, string[]])));
}

async function main(): Promise<void> {
  const folder = 'test/__doctest__';
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const below = (directory: string, end: string): string[] =>
    !existsSync(directory)
      ? []
      : readdirSync(directory, { recursive: true, encoding: 'utf8' })
          .map((name) => `${directory}/${name.replaceAll('\\', '/')}`)
          .filter((path) => path.endsWith(end) && !path.startsWith('docs/api/'));
  const markdown = ['README.md', 'examples/README.md'].filter((path) => existsSync(path));
  let count = 0;
  for (const file of [...markdown, ...below('docs', '.md'), ...below('src', '.ts')].sort()) {
    const snippets = snippetsOf(file, readFileSync(file, 'utf8'));
    if (snippets.length === 0) continue;
    const offered = file.endsWith('.md') ? new Map() : await offeredTo(file);
    writeFileSync(`${folder}/${file.replaceAll(/\W+/g, '-')}.test.ts`, testFile(file, snippets, offered));
    count += snippets.length;
  }
  console.log(`doctest: ${count} snippets`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
