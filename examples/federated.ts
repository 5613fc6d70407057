/**
 * Can five who may not show each other their data train one model?
 *
 * In each round every client begins with the same model, trains it for an epoch on its own examples and sends it back; the next model is the mean of theirs, each with the share that its
 * client has of all examples (federated averaging, McMahan et al. 2017, arXiv 1602.05629). The clients are processes here and could be machines: what comes and goes are the bytes of a
 * safetensors file. The mean adds in the order of the clients, whoever answers first, so the model is the same to the bit each time.
 *
 * Twice: with images of MNIST that were dealt at random, and with clients each of which has seen two digits only. Beside them stand what one of the clients learns that is alone with
 * its images, and what one model learns from all of them in one place, in as many epochs as there are rounds.
 *
 * Run with `npm run example federated`. It takes some minutes.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { loadStateDict, Random, stateDict, type Tensor } from 'tapegrad';
import { type Dataset, subset } from 'tapegrad/datasets';
import { writeSafetensors } from 'tapegrad/io';
import { table } from './lib/compare.ts';
import { curves, type Point } from './lib/curves.ts';
import { tensorsIn, trained } from './lib/federated-client.ts';
import { load } from './lib/mnist.ts';
import { quick, saveFigures, savePicture, seed, epochs as wanted } from './lib/output.ts';
import { evaluate, network } from './lib/training.ts';

const CLIENTS = 5;
const ROUNDS = wanted ?? (quick ? 3 : 20);

const { train, test } = await load();
const images = train.slice(0, quick ? 1000 : 10_000);
type StateDict = Record<string, Tensor>;

// The core: the mean, and a round.

/** The mean of state dicts, each with its share, added in their order. */
function mean(states: readonly StateDict[], shares: readonly number[]): StateDict {
  const of = (name: string) => states.map((state, i) => state[name]!.mul(shares[i]!)).reduce((a, b) => a.add(b));
  return Object.fromEntries(Object.keys(states[0]!).map((name) => [name, of(name)]));
}

/** The mean of what the clients make of a model, each on its own examples. */
async function round(model: StateDict, clients: readonly ChildProcess[], shares: readonly number[]): Promise<StateDict> {
  for (const client of clients) client.send(writeSafetensors(model));
  const answers = await Promise.all(clients.map((client) => once(client, 'message')));
  return mean(
    answers.map(([bytes]) => tensorsIn(bytes as Uint8Array)),
    shares,
  );
}

/** A process that has examples and shows them to nobody. */
function clientWith({ x, y }: Dataset): ChildProcess {
  const client = fork(new URL('./lib/federated-client.ts', import.meta.url), { serialization: 'advanced' });
  client.send(writeSafetensors({ x, y }));
  return client;
}

/** The accuracy on the test images after each round, and the last model. */
async function federated(parts: readonly Dataset[]): Promise<{ readonly accuracies: readonly number[]; readonly state: StateDict }> {
  const [model, clients, shares] = [network(seed), parts.map(clientWith), parts.map(({ size }) => size / images.size)];
  const accuracies: number[] = [];
  for (let at = 0; at < ROUNDS; at++) {
    loadStateDict(model, await round(stateDict(model), clients, shares));
    accuracies.push(evaluate(model, test).accuracy);
  }
  for (const client of clients) client.disconnect();
  return { accuracies, state: stateDict(model) };
}

/** The accuracy after each epoch of one model on its own. */
function alone(examples: Dataset): number[] {
  const model = network(seed);
  return Array.from({ length: ROUNDS }, (_, epoch) => {
    loadStateDict(model, tensorsIn(trained(writeSafetensors(stateDict(model)), examples, epoch)));
    return evaluate(model, test).accuracy;
  });
}

// Two ways to deal the images.

const order = [...new Random(seed).permutation(images.size)];
const labels = images.y.data;
const dealt = (hand: (place: number, image: number) => number): Dataset[] =>
  Array.from({ length: CLIENTS }, (_, client) => subset(images, order.filter((image, place) => hand(place, image) === client)) as Dataset); // biome-ignore format: a line
const dealings = { 'dealt at random': dealt((place) => place % CLIENTS), 'two digits each': dealt((_, image) => labels[image]! >> 1) };

const hashOf = (state: StateDict) => createHash('sha256').update(writeSafetensors(state)).digest('hex');
const results: { name: string; accuracies: readonly number[]; hash?: string }[] = [];
for (const [name, parts] of Object.entries(dealings)) {
  const { accuracies, state } = await federated(parts);
  results.push({ name: `mean of five, ${name}`, accuracies, hash: hashOf(state) });
  results.push({ name: `one alone, ${name}`, accuracies: alone(parts[0]!) });
}
results.push({ name: 'all in one place', accuracies: alone(images) });

console.log(
  `${images.size.toLocaleString('en')} images of MNIST, ${CLIENTS} clients, ${ROUNDS} rounds; accuracy on ${test.size.toLocaleString('en')} other images\n`,
);
console.log(table(['', 'after 1', `after ${ROUNDS}`], results.map(({ name, accuracies }) => [name, accuracies[0]!, accuracies.at(-1)!]), 4)); // biome-ignore format: a line
for (const { name, hash } of results) if (hash) console.log(`\nSHA-256 of the model, ${name}:\n  ${hash}`);

saveFigures('federated', { seed, images: images.size, clients: CLIENTS, rounds: ROUNDS, results });
savePicture(
  'federated',
  curves(
    results.map(({ name, accuracies }) => ({ name, points: accuracies.map((value, i): Point => [i + 1, value]) })),
    { title: 'Share of the test images that is read rightly', x: 'round', y: 'accuracy', width: 760 },
  ),
);
