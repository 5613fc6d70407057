// A plugin of Stryker, whose own mutators know operators but not methods: without this a derivative rule such as
// `dy.mul(y).div(b).neg()` would hardly be touched. The list of mutators is internal to Stryker, hence the exact version in package.json.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { equivalents } from './stryker-equivalents.mjs';

const fromCore = createRequire(createRequire(import.meta.url).resolve('@stryker-mutator/core'));
const instrumenter = dirname(fromCore.resolve('@stryker-mutator/instrumenter/package.json'));
const { allMutators } = await import(pathToFileURL(join(instrumenter, 'dist/src/mutators/mutate.js')).href);
const required = createRequire(join(instrumenter, 'package.json'));
const { types } = required('@babel/core');
const { default: generate } = required('@babel/generator');

const pairs = [
  ['add', 'sub'],
  ['mul', 'div'],
  ['exp', 'log'],
  ['sin', 'cos'],
  ['tanh', 'sigmoid'],
  ['maximum', 'minimum'],
  ['less', 'lessEqual'],
  ['greater', 'greaterEqual'],
  ['equal', 'notEqual'],
  ['argmax', 'argmin'],
  ['matmul', 'timesTransposed'],
  ['transposedTimes', 'matmul'],
];
const others = new Map(
  pairs.flatMap(([a, b]) => [
    [b, a],
    [a, b],
  ]),
);
const removable = new Set(['neg', 'abs', 'sqrt', 'reciprocal', 'sign', 'exp', 'log', 'transpose', 'sumTo', 'broadcastTo']);
const copy = (node) => types.cloneNode(node, true);

/** Another method, the method left out, a number one larger, or the two answers of `where` exchanged. */
const formulaMutator = {
  name: 'Formula',
  *mutate(path) {
    if (!path.isCallExpression()) return;
    const { callee, arguments: given } = path.node;
    if (!types.isMemberExpression(callee) || !types.isIdentifier(callee.property)) return;
    const { object, property } = callee;
    const call = (name, values) => types.callExpression(types.memberExpression(copy(object), types.identifier(name)), values);
    if (others.has(property.name)) yield call(others.get(property.name), given.map(copy));
    if (removable.has(property.name)) yield copy(object);
    if (property.name === 'where' && given.length === 2) yield call('where', [copy(given[1]), copy(given[0])]);
    for (const [i, value] of given.entries()) {
      if (!types.isNumericLiteral(value)) continue;
      yield call(
        property.name,
        given.map((other, j) => (i === j ? types.numericLiteral(value.value + 1) : copy(other))),
      );
    }
  },
};

const codeOf = (node) => generate(node, { comments: false }).code.replace(/\s+/g, ' ');

/** Where a piece of code stands: `elu.backward.x`, the names of all it is within. */
function placeOf(path) {
  const names = [];
  for (let at = path; at; at = at.parentPath) {
    const { id, key } = at.node;
    if (types.isVariableDeclarator(at.node) || types.isFunctionDeclaration(at.node) || types.isClassDeclaration(at.node))
      names.push(id.name);
    else if (types.isObjectMember(at.node) || types.isClassMethod(at.node) || types.isClassPrivateMethod(at.node))
      names.push(key.name ?? key.id?.name);
  }
  return names.reverse().join('.');
}

const known = new Map(equivalents.flatMap(({ mutants }) => mutants.map((mutant) => [mutant, false])));
const nameOf = (path, replacement) => `${placeOf(path)}: ${codeOf(path.node)} => ${codeOf(replacement)}`;
const isEquivalent = (mutant) => {
  if (!known.has(mutant)) return false;
  known.set(mutant, true);
  return true;
};

/** MUTATION_SLICE=3/20: the mutants whose hash leaves 3 when divided by 20, which is an even sample, and the same one everywhere. */
const [part, parts] = (process.env.MUTATION_SLICE ?? '0/1').split('/').map(Number);
if (!(part >= 0 && part <= parts && parts >= 1)) throw new Error(`MUTATION_SLICE=${process.env.MUTATION_SLICE}: expected as 3/20.`);
const isInSlice = (mutant) => parts === 1 || createHash('sha256').update(mutant).digest().readUInt32BE() % parts === part % parts;

/** The mutants of a piece of code that change a result, or those that do not. */
const some = ({ name, mutate }, called, wanted) => ({
  name: called ?? name,
  *mutate(path) {
    for (const replacement of mutate.call(this, path)) {
      const mutant = nameOf(path, replacement);
      if (isEquivalent(mutant) === wanted && isInSlice(mutant)) yield replacement;
    }
  },
});

if (!allMutators.some(({ name }) => name === formulaMutator.name)) {
  const every = [...allMutators, formulaMutator];
  // Equivalent mutants have one name, which stryker.config.mjs excludes: the report shows them as ignored.
  allMutators.splice(0, Infinity, ...every.flatMap((mutator) => [some(mutator, undefined, false), some(mutator, 'Equivalent', true)]));
  process.on('exit', () => {
    const stale = [...known].filter(([, met]) => !met).map(([mutant]) => mutant);
    const isWhole = parts === 1 && process.env.MUTATION_ROOM === undefined;
    if (isWhole && stale.length < known.size && stale.length > 0) console.warn(`No mutant is like this any more:\n${stale.join('\n')}`);
  });
}

/** Samples declare the arguments of tests. They are not rules: a mutant in them only draws other arguments. */
const samplers = new Set(['sample', 'domain', 'domains', 'sampleOf', 'sampleAlong', 'spread', 'drawRegular', 'drawSymmetric']);
const ignorer = {
  shouldIgnore(path) {
    const name =
      path.isFunctionDeclaration() || path.isVariableDeclarator()
        ? path.node.id?.name
        : path.isObjectProperty() || path.isObjectMethod()
          ? path.node.key.name
          : undefined;
    return samplers.has(name) ? 'a sample, not a rule' : undefined;
  },
};

export const strykerPlugins = [{ kind: 'Ignore', name: 'samples', value: ignorer }];
