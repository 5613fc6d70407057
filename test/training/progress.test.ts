/** What a training shows. */

import { afterEach, expect, test, vi } from 'vitest';
import { Progress, type TrainingStep } from '../../src/index.ts';
import { sparkline } from '../../src/training/progress.ts';

const at = (change: Partial<TrainingStep>): TrainingStep => ({
  epoch: 0,
  step: 0,
  loss: 1,
  epochLoss: 1,
  examples: 32,
  learningRate: 0.1,
  batch: 1,
  batches: 4,
  endOfEpoch: false,
  ...change,
});

test('in a terminal a line is written over with bar, rate, time left and losses, and ends with the numbers of the epoch', () => {
  const written: string[] = [];
  const progress = new Progress({ epochs: 2, live: true, write: (text) => void written.push(text) });
  progress.step(at({}));
  progress.step(at({ batch: 4, step: 3, epochLoss: 0.5, endOfEpoch: true }));
  progress.epoch({ epoch: 0, step: 3, loss: 0.5, accuracy: 0.987654, learningRate: 0.1, seconds: 1 });
  expect(written[0]).toMatch(/^\repoch 1\/2 █{5}░{15} 25% · \S+\/s · \d+ s left · loss 1 ▁$/);
  expect(written[1]).toMatch(/^\repoch 1\/2 █{20} 100% · \S+\/s · 0 s left · loss 0\.5 █▁ *$/);
  expect(written[2]).toMatch(/^\repoch 1\/2 · \S+\/s · \d+\.\d s · loss 0\.5 · accuracy 0\.9877 █▁ *$/);
  expect(written[3]).toBe('\n');
});

afterEach(() => vi.restoreAllMocks());

test('rate and time are those of the epoch alone, whichever batch it was left at', () => {
  const written: string[] = [];
  const clock = vi.spyOn(performance, 'now').mockReturnValue(1000);
  const progress = new Progress({ live: true, write: (text) => void written.push(text) });
  const after = (now: number, change: Partial<TrainingStep>) => {
    clock.mockReturnValue(now);
    progress.step(at(change));
    return written.at(-1);
  };
  after(1000, { batch: 1, examples: 30 });
  // Epochs are resumed at any batch: what was before it is none of its examples.
  expect(after(3000, { batch: 2, step: 1, examples: 20 })).toMatch(/ 50% · 25\/s · 2 s left · /);
  expect(after(3001, { batch: 3, step: 2, examples: 950 })).toMatch(/ 50% /);
  expect(after(5000, { batch: 4, step: 3, examples: 0, endOfEpoch: true })).toMatch(/ 100% · 250\/s · 0 s left · /);
  progress.epoch({ epoch: 0, loss: 1 });
  expect(written.at(-2)).toMatch(/^\repoch 1 · 250\/s · 4\.0 s · loss 1 /);
  after(9000, { epoch: 1, batch: 3, step: 6, examples: 9_999 });
  expect(after(10_000, { epoch: 1, batch: 4, step: 7, examples: 1, endOfEpoch: true })).toMatch(/ · 10k\/s · /);
  expect(after(11_000, { epoch: 2, batch: 1, step: 8, examples: 1 })).toMatch(/ · 1000\/s · /);
  expect(after(12_000, { epoch: 2, batch: 2, step: 9, examples: 9_993 })).toMatch(/ · 9990\/s · /);
});

test('elsewhere there is a line an epoch', () => {
  const written: string[] = [];
  const progress = new Progress({ live: false, write: (text) => void written.push(text) });
  progress.step(at({}));
  progress.step(at({ batch: 4, endOfEpoch: true, batches: undefined }));
  progress.epoch({ epoch: 0, loss: Number.NaN });
  expect(written.length).toBe(1);
  expect(written[0]).toMatch(/^epoch 1 · \S+\/s · \d+\.\d s · loss NaN\n$/);
});

test('where the number of batches is not known it is counted, and many epochs keep the sparkline short', () => {
  const written: string[] = [];
  const progress = new Progress({ live: true, write: (text) => void written.push(text) });
  for (let epoch = 0; epoch < 100; epoch++) {
    progress.step(at({ epoch, step: epoch, batches: undefined, endOfEpoch: true, epochLoss: 1 / (epoch + 1) }));
    progress.epoch({ epoch, loss: 1 / (epoch + 1) });
  }
  expect(written[0]).toMatch(/epoch 1 batch 1 · /);
  expect(Math.max(...written.map((line) => [...line].filter((c) => '▁▂▃▄▅▆▇█'.includes(c)).length))).toBeLessThanOrEqual(16);
});

test('a sparkline has the least number at the bottom, the largest at the top, and shows what is not finite', () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█');
  expect(sparkline([3, 3])).toBe('▁▁');
  expect(sparkline([0, Number.NaN, Infinity, 1])).toBe('▁××█');
  expect(sparkline([])).toBe('');
});

test('options that are none are refused', () => {
  expect(() => new Progress({ write: 3 as never })).toThrow(/write/);
  expect(() => new Progress({ epochs: -1 })).toThrow(/epochs/);
  expect(() => new Progress({ bar: true } as never)).toThrow(/bar/);
});

test('what is no step and no epoch is refused', () => {
  const progress = new Progress({ write: () => expect.unreachable() });
  for (const given of [undefined, null, 3, {}, { epoch: '1' }]) {
    expect(() => progress.step(given as never)).toThrow(/^Progress.step: expected at to be numbers by name/);
    expect(() => progress.epoch(given as never)).toThrow(/^Progress.epoch: expected numbers to be numbers by name/);
  }
});
