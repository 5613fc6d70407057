/** What the package exports, read from the source: names, kinds, places, and the doc comments. Nothing is run. */

import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import ts from 'typescript';

/** Something that can be used by its name: an export, or a member of a class. */
export interface Item {
  readonly name: string;
  readonly kind: 'class' | 'function' | 'value' | 'type' | 'static' | 'method' | 'getter';
  /** The module to import it from, or the class that has it. */
  readonly from: string;
  readonly file: string;
  /** The line on which its doc comment begins. */
  readonly line: number;
  /** The first sentence of its doc comment. */
  readonly sentence: string;
}

/** A member of a class under the heading that stands above it in the source, as in `// Making tensors`. */
export interface Member extends Item {
  readonly section: string;
}

/** The entry points of the package, with the file of each. */
export const entries = {
  tapegrad: 'src/index.ts',
  'tapegrad/datasets': 'src/datasets/index.ts',
  'tapegrad/io': 'src/io/index.ts',
  'tapegrad/sweep': 'src/sweep/index.ts',
} as const;

const sources = new Map<string, ts.SourceFile>();

function sourceOf(file: string): ts.SourceFile {
  const known = sources.get(file) ?? ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  sources.set(file, known);
  return known;
}

/** Every export of the package. */
export const exportsOfPackage = (): Item[] => Object.entries(entries).flatMap(([from, file]) => exportsOf(from, file));

/** What an entry point exports: it has nothing but `export { … } from '…'`. */
function exportsOf(from: string, entry: string): Item[] {
  return sourceOf(entry).statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || !statement.moduleSpecifier || !statement.exportClause)
      throw new Error(`${entry}: expected only exports by name, got ${statement.getText()}`);
    if (!ts.isNamedExports(statement.exportClause)) throw new Error(`${entry}: expected exports by name, got ${statement.getText()}`);
    const file = posix.join(posix.dirname(entry), (statement.moduleSpecifier as ts.StringLiteral).text);
    return statement.exportClause.elements.map((element) => {
      const name = element.name.text;
      const declaration = declarationIn(file, (element.propertyName ?? element.name).text);
      const kind = statement.isTypeOnly || element.isTypeOnly ? 'type' : kindOf(declaration);
      return { name, kind, from, file, ...documentation(declaration, `${name} in ${file}`) };
    });
  });
}

/** The declaration of a name: of an overloaded function the first, which has the doc comment. */
function declarationIn(file: string, name: string): ts.Statement {
  const found = sourceOf(file).statements.find((statement) =>
    ts.isVariableStatement(statement)
      ? statement.declarationList.declarations.some((declaration) => declaration.name.getText() === name)
      : 'name' in statement && (statement.name as ts.Identifier).text === name,
  );
  if (!found) throw new Error(`${file}: expected a declaration of ${name}, found none`);
  return found;
}

function kindOf(declaration: ts.Statement): Item['kind'] {
  if (ts.isClassDeclaration(declaration)) return 'class';
  if (ts.isFunctionDeclaration(declaration)) return 'function';
  if (!ts.isVariableStatement(declaration)) return 'type';
  const [value] = declaration.declarationList.declarations;
  return value?.initializer && ts.isArrowFunction(value.initializer) ? 'function' : 'value';
}

/** The public members of a class, but for its constructor and what is marked `@internal`. */
export function membersOf(name: string, file: string): Member[] {
  const declaration = declarationIn(file, name);
  if (!ts.isClassDeclaration(declaration)) throw new Error(`${file}: expected ${name} to be a class`);
  const members: Member[] = [];
  let section = '';
  for (const member of declaration.members) {
    section = headingAbove(member) ?? section;
    const kind = memberKind(member);
    const memberName = member.name && ts.isIdentifier(member.name) ? member.name.text : undefined;
    // Of an overloaded method the first declaration counts.
    if (!kind || !memberName || members.some((other) => other.name === memberName)) continue;
    members.push({ name: memberName, kind, from: name, section, file, ...documentation(member, `${name}.${memberName}`) });
  }
  return members;
}

function memberKind(member: ts.ClassElement): Item['kind'] | undefined {
  const modifiers: ts.SyntaxKind[] = ts.canHaveModifiers(member) ? (ts.getModifiers(member)?.map(({ kind }) => kind) ?? []) : [];
  const hidden = [ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword, ts.SyntaxKind.DeclareKeyword];
  if (hidden.some((kind) => modifiers.includes(kind)) || /@internal\b/.test(commentOf(member)?.text ?? '')) return undefined;
  if (ts.isMethodDeclaration(member)) return modifiers.includes(ts.SyntaxKind.StaticKeyword) ? 'static' : 'method';
  return ts.isGetAccessor(member) || ts.isPropertyDeclaration(member) ? 'getter' : undefined;
}

/** The words of a `// Heading: more` that stands by itself above a member's doc comment. */
function headingAbove(member: ts.ClassElement): string | undefined {
  const text = member.getSourceFile().text;
  const [heading] = (ts.getLeadingCommentRanges(text, member.pos) ?? []).filter(
    ({ kind, pos }) => kind === ts.SyntaxKind.SingleLineCommentTrivia && text.slice(0, pos).endsWith('\n\n  '),
  );
  return heading && /^\/\/ ([^.:;]*)/.exec(text.slice(heading.pos, heading.end))?.[1];
}

/** The last doc comment before a declaration, and the line on which it begins. */
function commentOf(node: ts.Node): { text: string; line: number } | undefined {
  const { text } = node.getSourceFile();
  const range = ts
    .getLeadingCommentRanges(text, node.pos)
    ?.filter(({ pos }) => text.startsWith('/**', pos))
    .at(-1);
  if (!range) return undefined;
  const line = node.getSourceFile().getLineAndCharacterOfPosition(range.pos).line + 1;
  return { text: text.slice(range.pos + 3, range.end - 2).replaceAll(/^[^\n\S]*\* ?/gm, ''), line };
}

function documentation(node: ts.Node, what: string): { line: number; sentence: string } {
  const comment = commentOf(node);
  const sentence = comment && firstSentence(comment.text);
  if (!sentence) throw new Error(`${what}: expected a doc comment that says what it is`);
  return { line: comment.line, sentence };
}

/** The first sentence of a doc comment on one line; of a first paragraph without a full stop all of it, without its last colon or comma. */
export function firstSentence(comment: string): string {
  const [paragraph] = comment
    .trim()
    .split(/\n\s*\n|(?:^|\s)@\w/)
    .map((part) => part.replaceAll(/\s+/g, ' ').trim());
  // A full stop within code or brackets ends nothing.
  const sentence = /^(?:`[^`]*`|\([^)]*\)|[^`(])*?\.(?=\s|$)/.exec(paragraph!)?.[0] ?? paragraph!;
  return sentence.replace(/[:,]$/, '').replaceAll(/\{@link (\w+)\}/g, '`$1`');
}
