/** A file of the book, read with the compiler: its prose, its helpers, and its laws with the code that checks them. */

import ts from 'typescript';

/** One piece of a page; a page is a list of them. */
export type Part =
  | { readonly kind: 'prose'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'section'; readonly title: string }
  | { readonly kind: 'law'; readonly title: string; readonly prose: string; readonly code: string };

export interface Chapter {
  /** The file, relative to test/book. */
  readonly file: string;
  /** The file of the page, relative to docs/book. */
  readonly page: string;
  /** Undefined for a file that is not a chapter but is imported by chapters. */
  readonly number: number | undefined;
  readonly title: string;
  readonly opening: string;
  readonly imports: string;
  /** The names that it imports from other files of the book, by file. */
  readonly borrowed: ReadonlyMap<string, readonly string[]>;
  readonly parts: readonly Part[];
}

/** Reads a file of the book; throws where it states a law without a test below it. */
export function readChapter(file: string, text: string): Chapter {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const [first] = ts.getLeadingCommentRanges(text, 0) ?? [];
  if (!first) throw new Error(`${file}: expected an opening comment`);
  const [heading, ...rest] = words(text, first).split('\n\n');
  const { number, title } = readHeading(file, heading!);
  const opening = rest.join('\n\n');
  refuseLaw(file, opening);
  const imports = source.statements.filter(ts.isImportDeclaration);
  const parts = mergeCode(partsOf(file, source, source.statements.slice(imports.length), imports.at(-1)?.end ?? first.end));
  if (number !== undefined && !parts.some(({ kind }) => kind === 'law')) throw new Error(`${file}: expected a test`);
  const own = imports.filter((one) => one.moduleSpecifier.getText().startsWith("'./"));
  return {
    file,
    page: `${file.replace(/(\.test)?\.ts$/, '')}.md`,
    number,
    title,
    opening,
    imports: imports.map((one) => one.getText()).join('\n'),
    borrowed: new Map(own.map((one) => [(one.moduleSpecifier as ts.StringLiteral).text.slice(2), namesOf(one)])),
    parts,
  };
}

/** `7. Broadcasting is undone by summing.` */
function readHeading(file: string, heading: string): { number: number | undefined; title: string } {
  const [, digits, title] = /^(?:(\d+)\. )?([\s\S]+?)\.?$/.exec(heading)!;
  const inName = /^\d+/.exec(file)?.[0];
  if (inName !== undefined && Number(inName) !== Number(digits)) throw new Error(`${file}: the opening comment has number ${digits}`);
  return { number: digits === undefined ? undefined : Number(digits), title: title! };
}

function partsOf(file: string, source: ts.SourceFile, statements: readonly ts.Statement[], from: number, end = source.end): Part[] {
  const { text } = source;
  const parts: Part[] = [];
  const stand = (comment: ts.CommentRange) => {
    const prose = words(text, comment);
    refuseLaw(file, prose);
    parts.push({ kind: 'prose', text: prose });
  };
  let last = from;
  for (const statement of statements) {
    const comments = commentsAt(text, statement.pos);
    const touching = comments.at(-1);
    const attached = touching && !/\n\s*\n/.test(text.slice(touching.end, statement.getStart())) ? touching : undefined;
    for (const comment of comments) if (comment !== attached && comment.pos >= from) stand(comment);
    const call = callOf(statement);
    if (call) {
      const [name, inner] = call;
      const title = titleOf(file, inner);
      const body = bodyOf(file, inner);
      if (name === 'test') parts.push({ kind: 'law', title, prose: attached ? words(text, attached) : '', code: codeOf(body) });
      else {
        parts.push({ kind: 'section', title });
        if (attached) stand(attached);
        if (!ts.isBlock(body)) throw new Error(`${file}: expected a block in describe('${title}')`);
        parts.push(...partsOf(file, source, body.statements, body.getStart() + 1, body.end - 1));
      }
    } else {
      const trailing = ts.getTrailingCommentRanges(text, statement.end)?.at(-1);
      parts.push({ kind: 'code', text: dedent(text.slice(attached?.pos ?? statement.getStart(), trailing?.end ?? statement.end)) });
    }
    last = statement.end;
  }
  for (const comment of ts.getLeadingCommentRanges(text, last) ?? []) if (comment.end <= end) stand(comment);
  return parts;
}

/** Declarations that follow one another are one piece of code. */
function mergeCode(parts: readonly Part[]): Part[] {
  const merged: Part[] = [];
  for (const part of parts) {
    const before = merged.at(-1);
    if (part.kind === 'code' && before?.kind === 'code') {
      const apart = part.text.includes('\n') || before.text.includes('\n') ? '\n\n' : '\n';
      merged[merged.length - 1] = { kind: 'code', text: before.text + apart + part.text };
    } else merged.push(part);
  }
  return merged;
}

/** A call of `test` or `describe`. */
function callOf(statement: ts.Statement): readonly ['test' | 'describe', ts.CallExpression] | undefined {
  if (!ts.isExpressionStatement(statement) || !ts.isCallExpression(statement.expression)) return undefined;
  const name = statement.expression.expression.getText();
  return name === 'test' || name === 'describe' ? [name, statement.expression] : undefined;
}

function titleOf(file: string, { arguments: [title] }: ts.CallExpression): string {
  if (title && ts.isStringLiteralLike(title)) return title.text;
  throw new Error(`${file}: expected a title in quotes, got ${title?.getText()}`);
}

function bodyOf(file: string, { arguments: given }: ts.CallExpression): ts.ConciseBody {
  const made = given.find(ts.isArrowFunction);
  if (!made) throw new Error(`${file}: expected an arrow function after ${given[0]?.getText()}`);
  return made.body;
}

/** The statements of a test, without the function around them. */
const codeOf = (body: ts.ConciseBody): string => dedent(ts.isBlock(body) ? body.getFullText().trim().slice(1, -1) : `${body.getText()};`);

/** Removes the indentation that all lines share; the first line may have lost its own. */
function dedent(text: string): string {
  const lines = text
    .replace(/^[^\n\S]*\n/, '')
    .trimEnd()
    .split('\n');
  const indented = /^\s/.test(lines[0]!) ? lines : lines.slice(1);
  const depths = indented.filter(Boolean).map((line) => /^ */.exec(line)![0].length);
  const least = Math.min(...depths);
  // A declaration begins where its closing bracket does; a chain of calls stands two columns further in.
  const chained = indented.some((line) => /^ *\./.test(line) && line.search(/\S/) === least);
  const depth = depths.length === 0 ? 0 : indented === lines ? least : Math.max(0, chained ? least - 2 : least);
  return lines
    .map((line, i) => (i === 0 && indented !== lines ? line : line.slice(Math.min(depth, /^ */.exec(line)![0].length))))
    .join('\n');
}

/** The comments before a statement. `//` lines that follow each other are one comment. */
function commentsAt(text: string, position: number): ts.CommentRange[] {
  const found: ts.CommentRange[] = [];
  for (const comment of ts.getLeadingCommentRanges(text, position) ?? []) {
    const before = found.at(-1);
    const line = ts.SyntaxKind.SingleLineCommentTrivia;
    if (before?.kind === line && comment.kind === line && !/\n\s*\n/.test(text.slice(before.end, comment.pos))) {
      found[found.length - 1] = { ...before, end: comment.end };
    } else found.push(comment);
  }
  return found;
}

/** The text of a comment, without `//`, `/*` and `*`. */
function words(text: string, { pos, end, kind }: ts.CommentRange): string {
  const comment = text.slice(pos, end);
  if (kind === ts.SyntaxKind.SingleLineCommentTrivia) return comment.replaceAll(/^\s*\/\/ ?/gm, '').trim();
  return comment
    .slice(2, -2)
    .replace(/^\*/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join('\n')
    .trim();
}

const namesOf = ({ importClause }: ts.ImportDeclaration): string[] => {
  const named = importClause?.namedBindings;
  return named && ts.isNamedImports(named) ? named.elements.map(({ name }) => name.text) : [];
};

/** A formula that says that two things are equal, nearly equal or ordered has to stand directly above the test that checks it. */
function refuseLaw(file: string, prose: string): void {
  const law = [...prose.matchAll(/`([^`]+)`/g)].find(([, formula]) => /[=≈≤≥<>∝]/.test(formula!) && !/^npx? /.test(formula!));
  if (law) throw new Error(`${file}: ${law[0]} states a law, but no test stands below it`);
}
