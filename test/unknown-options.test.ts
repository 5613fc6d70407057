/**
 * No option is silently ignored: every export that takes options refuses an option that it does not have, and what is no options at all. What takes
 * options is read from the sources, and how it is called from the first example of its documentation.
 */

import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import * as datasets from '../src/datasets/index.ts';
import * as tapegrad from '../src/index.ts';
import * as io from '../src/io/index.ts';
import * as sweeps from '../src/sweep/index.ts';
import { sources } from './lib/sources.ts';

const everything: Readonly<Record<string, unknown>> = { ...tapegrad, ...datasets, ...io, ...sweeps };

/** Something that takes options: what calls look like, in which place the options are, and a program that calls it. */
interface Taker {
  readonly name: string;
  readonly place: number;
  readonly example: string;
  /** Whether text is an option too, such as a dtype. */
  readonly takesText: boolean;
  readonly takesLists: boolean;
}

/** The types of options that are not called so. */
const OPTIONS = /Options\b|^KeepDims|^Correction|^Drawing|^Randomness|^\{ readonly \w+\?:/;

const exampleOf = (node: ts.Node): string =>
  ts
    .getJSDocTags(node)
    .filter(({ tagName }) => tagName.text === 'example')
    .map(({ comment }) => (typeof comment === 'string' ? comment : (ts.getTextOfJSDocComment(comment) ?? '')))
    .join('\n');

/** The place and the type of the options among parameters. */
function optionsAmong(parameters: readonly ts.ParameterDeclaration[]): { place: number; type: string } | undefined {
  const place = parameters.findIndex(({ type, name }) => OPTIONS.test(type?.getText() ?? '') || name.getText() === 'options');
  return place < 0 ? undefined : { place, type: parameters[place]!.type?.getText() ?? '' };
}

/** How to call what has no example that runs by itself. */
const alone: Readonly<Record<string, string>> = { mnist: "await mnist('.')", fashionMnist: "await fashionMnist('.')" };

function takersIn(file: ts.SourceFile): Taker[] {
  const found: Taker[] = [];
  const add = (name: string, parameters: readonly ts.ParameterDeclaration[], documented: ts.Node) => {
    const options = optionsAmong(parameters);
    // Of overloads the first: the others have their options in other places.
    if (!options || found.some((known) => known.name === name)) return;
    const { place, type } = options;
    found.push({
      name,
      place,
      example: alone[name] ?? (exampleOf(documented) || exampleOf(documented.parent)),
      takesText: /DtypeOptions/.test(type),
      takesLists: /\bT \|/.test(type) || name === '.backward',
    });
  };
  for (const statement of file.statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name) add(statement.name.text, statement.parameters, statement);
    if (ts.isVariableStatement(statement))
      for (const { name, initializer } of statement.declarationList.declarations)
        if (initializer && ts.isArrowFunction(initializer)) add(name.getText(), initializer.parameters, statement);
    const isAbstract =
      ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword);
    if (ts.isClassDeclaration(statement) && statement.name)
      for (const member of statement.members) {
        if (ts.isConstructorDeclaration(member) && !isAbstract) add(`new ${statement.name.text}`, member.parameters, statement);
        if (ts.isMethodDeclaration(member) && !ts.isPrivateIdentifier(member.name) && statement.name.text in everything) {
          const has = (kind: ts.SyntaxKind) => member.modifiers?.some((modifier) => modifier.kind === kind);
          if (has(ts.SyntaxKind.ProtectedKeyword)) continue;
          const isStatic = has(ts.SyntaxKind.StaticKeyword);
          add(`${isStatic ? statement.name.text : ''}.${member.name.getText()}`, member.parameters, member);
        }
      }
  }
  return found;
}

const isExported = ({ name }: Taker): boolean => (name.startsWith('.') ? true : name.replace(/^new |\..*$/g, '') in everything);

/** The program with the options of the first call of a name replaced; nothing where it does not call it. */
function withOptions({ name, place, example }: Taker, options: string): string | undefined {
  const file = ts.createSourceFile('example.ts', example, ts.ScriptTarget.Latest, true);
  let call: ts.CallExpression | ts.NewExpression | undefined;
  const find = (node: ts.Node): void => {
    if (call) return;
    if (name.startsWith('new ')) {
      if (ts.isNewExpression(node) && `new ${node.expression.getText()}` === name) call = node;
    } else if (ts.isCallExpression(node)) {
      const text = node.expression.getText();
      if (name.startsWith('.') ? text.endsWith(name) : text === name) call = node;
    }
    ts.forEachChild(node, find);
  };
  find(file);
  if (!call) return undefined;
  const given = [...(call.arguments ?? [])].map((node) => node.getText()).slice(0, place);
  while (given.length < place) given.push('undefined');
  const changed = `${call.expression.getText()}(${[...given, options].join(', ')})`;
  const at = call.getStart() + (ts.isNewExpression(call) ? 'new '.length : 0);
  return example.slice(0, at) + changed + example.slice(call.end);
}

/** Runs a program in which all that is exported can be named. */
async function run(program: string): Promise<unknown> {
  const { outputText } = ts.transpileModule(program.replaceAll(/^import .*$/gm, ''), {
    compilerOptions: { target: ts.ScriptTarget.ES2022 },
  });
  const names = Object.keys(everything);
  const body = `return (async () => {\n${outputText}\n})()`;
  return new Function(...names, body)(...names.map((name) => everything[name]));
}

const takers = [...sources.values()].flatMap(takersIn).filter(isExported);

test('there are as many as one would expect', () => expect(takers.length).toBeGreaterThan(80));

describe.each(takers.map((taker) => [taker.name, taker] as const))('%s', (_, taker) => {
  const wrong = [
    '{ unknownOption: 1 }',
    '5',
    'true',
    'null',
    'Tensor.of(1)',
    ...(taker.takesText ? [] : ["'sum'"]),
    ...(taker.takesLists ? [] : ['[1]']),
  ];

  test.each(wrong)('refuses %s as options', async (options) => {
    const program = withOptions(taker, options);
    expect(program, `the documentation of ${taker.name} has no example that calls it`).toBeDefined();
    const thrown = await run(program!).then(
      () => 'nothing was thrown',
      (error: unknown) => error,
    );
    expect(thrown, program).toBeInstanceOf(tapegrad.TapegradError);
    expect((thrown as Error).message, program).toMatch(options.startsWith('{') ? /no option unknownOption/ : /expected/);
  });
});
