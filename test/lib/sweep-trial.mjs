/** A trial with all that can happen to one, for `test/sweep/`. Plain JavaScript, which threads of every version of Node read. */

import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

/** How often it was begun, in its folder. */
function begun(folder) {
  const path = `${folder}/begun`;
  const count = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
  writeFileSync(path, String(count + 1));
  return count;
}

/** What is given back, by name; only one of it is what a trial should give. */
const given = {
  map: () => new Map([['value', 1]]),
  instance: () =>
    new (class Result {
      value = 1;
    })(),
  date: () => new Date(0),
  typed: () => new Float64Array([1]),
  text: () => '5',
  list: () => [1],
  nested: () => ({ value: { of: 1 } }),
  bigint: () => 5n,
  function: () => () => 1,
  symbol: () => Symbol('value'),
  null: () => null,
  empty: () => ({}),
  tensorLike: () => Object.assign(Object.create({ item: () => 1 }), { shape: [], dtype: 'float32' }),
  bare: () => Object.assign(Object.create(null), { value: 1 }),
};

const kinds = {
  gives: ({ gives }) => given[gives](),
  sends: ({ x }) => {
    for (const message of [null, undefined, 'text', 5, { kind: 'done', returned: 0 }, [{}]]) parentPort?.postMessage(message);
    return x;
  },
  throws: () => {
    throw new RangeError('out of range');
  },
  throwsText: () => {
    throw 'only text';
  },
  throwsElsewhere: () => {
    setTimeout(() => {
      throw new TypeError('nobody waits for this');
    }, 1);
    return new Promise((resolve) => setTimeout(resolve, 10_000));
  },
  exits: () => process.exit(7),
  exitsOnce: (_, { folder }) => (begun(folder) === 0 ? process.exit(7) : 3),
  never: () => new Promise(() => {}),
  fillsMemory: () => {
    const all = [];
    for (;;) all.push(new Array(1e5).fill(Math.random()));
  },
  nan: () => Number.NaN,
  infinite: ({ x }) => ({ value: x, other: -Infinity }),
  nothing: () => undefined,
  uncopyable: () => ({ value: () => 1 }),
  // Tells which arrives first by how long it takes.
  slow: ({ x }, { seed }) => new Promise((resolve) => setTimeout(() => resolve(x + seed), (x * 37 + seed * 61) % 50)),
  listens: (_, { signal, folder }) =>
    new Promise((_, reject) => {
      writeFileSync(`${folder}/listening`, '');
      const timer = setInterval(() => {}, 1000);
      signal.addEventListener('abort', () => {
        clearInterval(timer);
        writeFileSync(`${folder}/aborted`, '');
        reject(signal.reason);
      });
    }),
};

export default function trial(configuration, context) {
  const { x = 0, kind } = configuration;
  if (kind) return kinds[kind](configuration, context);
  const { seed, fold = 0, epochs = 1, report, folder } = context;
  if (folder) appendFileSync(`${folder}/runs`, `${epochs}\n`);
  for (let epoch = 1; epoch <= epochs; epoch++) report(epoch, x / epoch + seed);
  return { value: (x - 0.3) ** 2 / epochs + seed / 1000 + fold, epochs };
}
