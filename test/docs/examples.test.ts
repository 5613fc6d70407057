import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const programs = readdirSync('examples')
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -3));
const results = readdirSync('examples/out').filter((name) => name !== 'quick');
const page = readFileSync('examples/README.md', 'utf8');

describe.each(programs)('the example %s', (name) => {
  const source = readFileSync(`examples/${name}.ts`, 'utf8');
  const written = (call: string) => [...source.matchAll(new RegExp(`${call}\\(\\s*'([\\w-]+)'`, 'g'))].map(([, file]) => file!);

  test('is told of in the README of the examples', () => {
    expect(page).toContain(`(${name}.ts)`);
  });

  test('says at its top how to run it', () => {
    const [, wanted] = /`npm (?:run example ([\w-]+)|start`)/.exec(source)!;
    if (wanted) expect(programs.filter((program) => program.startsWith(wanted))).toEqual([name]);
  });

  test('has its figures and pictures committed, from a run in full', () => {
    for (const figures of written('saveFigures')) expect(results).toContain(`${figures}.json`);
    for (const picture of written('savePicture')) expect(results).toEqual(expect.arrayContaining([`${picture}.svg`, `${picture}.png`]));
    for (const html of written('savePage')) expect(results).toContain(`${html}.html`);
    expect([...written('saveFigures'), ...written('savePage')]).not.toEqual([]);
  });
});

test('every picture is shown in the README of the examples, and is made by one of them', () => {
  const sources = programs.map((name) => readFileSync(`examples/${name}.ts`, 'utf8')).join();
  for (const picture of results.filter((name) => name.endsWith('.svg'))) {
    expect(page).toContain(`out/${picture}`);
    expect(sources).toContain(`'${picture.slice(0, -4)}'`);
    expect(existsSync(`examples/out/${picture.slice(0, -4)}.png`)).toBe(true);
  }
});
