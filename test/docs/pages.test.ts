import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const read = (file: string) => readFileSync(file, 'utf8');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'examples/README.md',
  'examples/sweep-bullmq/README.md',
  'examples/sweep-kubernetes/README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.startsWith('api'))
    .map((name) => `docs/${name.replaceAll('\\', '/')}`),
];

test.each(pages)('every relative link of %s leads to a file', (page) => {
  const prose = read(page).replaceAll(/^```[\s\S]*?^```|`[^`\n]*`/gm, 'code');
  const links = [...prose.matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, path]) => path!);
  expect(links.filter((path) => !existsSync(join(dirname(page), path)))).toEqual([]);
});

describe('the figures of README are those of the pages they link to', () => {
  const readme = read('README.md');
  const figures = (pattern: RegExp): number[] => {
    const found = pattern.exec(readme);
    if (!found) throw new Error(`README says nothing like ${pattern}`);
    return found.slice(1).map(Number);
  };

  test('how many operations and functions are measured', () => {
    const [operations, functions] = read('docs/operations.md').split('## Composed functions') as [string, string];
    const count = (text: string) => text.match(/^\| \w+ \| float32 \|/gm)!.length;
    const said = figures(/More than (\d+) operations and (\d+) functions/);
    [operations, functions].forEach((text, i) => {
      expect(count(text)).toBeGreaterThan(said[i]!);
      expect(count(text)).toBeLessThan(said[i]! + 20);
    });
  });

  test('how many engines agree', () => {
    const rows = [...read('docs/reproducibility.md').matchAll(/^\| ([^|]+) \| ([\d.]+) \| [^|]+ \| [\d.]+ \| `\w+` \| (\w+) \|$/gm)];
    expect(rows.filter(([, , , verdict]) => verdict !== 'yes')).toEqual([]);
    const engines = new Set(rows.filter(([, engine]) => !engine!.includes('--')).map(([, engine, version]) => `${engine} ${version}`));
    expect(figures(/one hash on (\d+) engines/)).toEqual([engines.size]);
  });

  test('how fast it is beside others, within a tenth', () => {
    const results = read('bench/RESULTS.md');
    const columns = (/^\| {2}\| (tapegrad \| .*) \|$/m.exec(results) ?? [])[1]!.split(' | ');
    const rates = /^\| step 64 \| (.*) \|$/m.exec(results)![1]!.split('|').map(parseFloat);
    const rate = (who: string) => rates[columns.indexOf(who)]!;
    const [jax, tfjs] = figures(/([\d.]+) times as fast as jax-js, ([\d.]+) times as fast as TensorFlow\.js/) as [number, number];
    const isNear = (said: number, measured: number) => expect(Math.abs(said / measured - 1), `measured: ${measured}`).toBeLessThan(0.1);
    isNear(jax, rate('tapegrad') / rate('jax-js'));
    isNear(tfjs, rate('tapegrad') / rate('tfjs'));
    isNear(figures(/([\d.]+) times as fast as PyTorch on one core/)[0]!, rate('tapegrad') / rate('torch'));
    const milliseconds = (model: string, who: string) =>
      parseFloat(new RegExp(`^\\| ${model} \\| (.*) \\|$`, 'm').exec(results)![1]!.split('|')[columns.indexOf(who)]!);
    const models = figures(/a GRU ([\d.]+), a convolutional network ([\d.]+), a Transformer ([\d.]+) times/);
    ['gru', 'cnn', 'transformer'].forEach((model, i) => isNear(models[i]!, milliseconds(model, 'torch') / milliseconds(model, 'tapegrad')));
    isNear(figures(/makes a training step \[([\d.]+) times as fast\]/)[0]!, rate('tapegrad 26 revectorized') / rate('tapegrad 26'));
  });
});

test('CONTRIBUTING has every room of the house, and no other', () => {
  const rooms = readdirSync('src', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ parentPath, name }) => `${join(parentPath, name).replaceAll('\\', '/')}/`);
  const told = [...read('CONTRIBUTING.md').matchAll(/^\| `(src\/[\w/-]+\/)` \|/gm)].map(([, room]) => room!);
  expect(told.toSorted()).toEqual(rooms.toSorted());
});

test.each(pages)('%s has no marks of a merge', (page) => {
  expect(read(page).match(/^(<{7}|>{7}) /gm)).toBeNull();
});
