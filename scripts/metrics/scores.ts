/** Scores, probabilities and numbers, at random and degenerate, and how metrics of them are held against those of scikit-learn. */

import {
  averagePrecision,
  brierScore,
  calibration,
  explainedVariance,
  fBeta,
  logLoss,
  meanAbsoluteError,
  meanSquaredError,
  precision,
  precisionRecallCurve,
  type Random,
  r2Score,
  recall,
  rocAUC,
  rocCurve,
  Tensor,
  topKAccuracy,
} from 'tapegrad';

/** A number, or the text of one that JSON does not know. */
type Written = number | 'nan' | 'inf' | '-inf';

/** What is measured, as both sides are told it. */
export type ScoreCase =
  | { readonly kind: 'binary'; readonly scores: readonly number[]; readonly targets: readonly number[]; readonly bins: number }
  | { readonly kind: 'classes'; readonly scores: readonly (readonly number[])[]; readonly targets: readonly number[]; readonly k: number }
  | { readonly kind: 'numbers'; readonly predicted: readonly (readonly number[])[]; readonly targets: readonly (readonly number[])[] }
  | {
      readonly kind: 'labels';
      readonly predicted: readonly number[];
      readonly targets: readonly number[];
      readonly beta: number;
      readonly zeroDivision: number | 'nan';
    };

/** What scikit-learn says of a case: numbers, and lists of them, by name. */
export type ScoreAnswer = Readonly<Record<string, Written | readonly Written[]>>;

/** A case at random: often with ties, of one class alone, of constants, of a single row. */
export function drawScoreCase(random: Random): ScoreCase {
  const below = (n: number) => Math.floor(random.float() * n);
  const one = <T>(...values: readonly T[]): T => values[below(values.length)]!;
  const rows = one<number>(1, 2, 3, 8, 1 + below(40), 1 + below(200));
  // Multiples of a power of two, of which sums are exact and ties are ties on both sides.
  const steps = one<number>(1, 2, 4, 16, 2 ** 20);
  const share = () => below(steps + 1) / steps;
  const labels = (classes: number) => {
    const some = Array.from({ length: 1 + below(classes) }, () => below(classes));
    const draw = one<() => number>(
      () => below(classes),
      () => some[below(some.length)]!,
    );
    return Array.from({ length: rows }, draw);
  };
  const kind = one<ScoreCase['kind']>('binary', 'classes', 'numbers', 'labels');
  if (kind === 'binary')
    return {
      kind,
      scores: Array.from(
        { length: rows },
        one<() => number>(share, share, () => 0.5),
      ),
      targets: labels(2),
      bins: 2 + below(12),
    };
  if (kind === 'classes') {
    const classes = 3 + below(4);
    const row = () => {
      const cuts = Array.from({ length: classes - 1 }, share).sort((a, b) => a - b);
      return [...cuts, 1].map((cut, i) => cut - (cuts[i - 1] ?? 0));
    };
    return { kind, scores: Array.from({ length: rows }, row), targets: labels(classes), k: 1 + below(classes) };
  }
  if (kind === 'numbers') {
    const outputs = 1 + below(3);
    const constant = one(false, false, true);
    const numbers = (fixed: boolean) =>
      Array.from({ length: rows }, () => Array.from({ length: outputs }, () => (fixed ? 2 : 8 * share() - 3)));
    const targets = numbers(constant);
    return { kind, targets, predicted: one(targets, numbers(false), numbers(false), numbers(true)) };
  }
  const classes = 2 + below(5);
  return {
    kind,
    predicted: labels(classes),
    targets: labels(classes),
    beta: one(0, 0.5, 1, 2, 3.7),
    zeroDivision: one<number | 'nan'>(0, 1, 'nan'),
  };
}

/** The same numbers by tapegrad. */
function scoresOf(given: ScoreCase): Readonly<Record<string, number | readonly number[]>> {
  const ints = (numbers: readonly number[]) => Tensor.of([...numbers], 'int32');
  const matrix = (rows: readonly (readonly number[])[]) => Tensor.of(rows.map((row) => [...row]), 'float64'); // biome-ignore format: one line
  if (given.kind === 'labels') {
    const { predicted, targets, beta } = given;
    const names = ['micro', 'macro', 'weighted', 'none'] as const;
    const zeroDivision = Number(given.zeroDivision);
    return Object.fromEntries(
      names.flatMap((average): [string, number | number[]][] => [
        [`precision ${average}`, precision(ints(predicted), ints(targets), { average, zeroDivision })],
        [`recall ${average}`, recall(ints(predicted), ints(targets), { average, zeroDivision })],
        [`fBeta ${average}`, fBeta(ints(predicted), ints(targets), { average, beta, zeroDivision })],
      ]),
    );
  }
  if (given.kind === 'numbers') {
    const [predicted, targets] = [matrix(given.predicted), matrix(given.targets)];
    return {
      squared: meanSquaredError(predicted, targets),
      'squared, each': meanSquaredError(predicted, targets, { average: 'none' }),
      absolute: meanAbsoluteError(predicted, targets),
      r2: r2Score(predicted, targets),
      'r2, by variance': r2Score(predicted, targets, { average: 'variance' }),
      'r2, each': r2Score(predicted, targets, { average: 'none' }),
      explained: explainedVariance(predicted, targets),
      'explained, by variance': explainedVariance(predicted, targets, { average: 'variance' }),
    };
  }
  const targets = ints(given.targets);
  if (given.kind === 'classes') {
    const scores = matrix(given.scores);
    return {
      'one against the rest': rocAUC(scores, targets),
      'one against the rest, weighted': rocAUC(scores, targets, { average: 'weighted' }),
      pairs: rocAUC(scores, targets, { compare: 'pairs' }),
      'pairs, weighted': rocAUC(scores, targets, { compare: 'pairs', average: 'weighted' }),
      'average precision': averagePrecision(scores, targets),
      'average precision, weighted': averagePrecision(scores, targets, { average: 'weighted' }),
      'log loss': logLoss(scores, targets),
      Brier: brierScore(scores, targets),
      'top k': topKAccuracy(scores, targets, given.k, { ties: 'last' }),
    };
  }
  const scores = Tensor.of([...given.scores], 'float64');
  const curves = [true, false].flatMap((dropIntermediate): [string, number[]][] => {
    const roc = rocCurve(scores, targets, { dropIntermediate });
    const points = precisionRecallCurve(scores, targets, { dropIntermediate });
    return [
      [`false positives ${dropIntermediate}`, roc.falsePositiveRate.toArray()],
      [`true positives ${dropIntermediate}`, roc.truePositiveRate.toArray()],
      [`thresholds ${dropIntermediate}`, roc.thresholds.toArray()],
      [`precision ${dropIntermediate}`, points.precision.toArray()],
      [`recall ${dropIntermediate}`, points.recall.toArray()],
      [`precision thresholds ${dropIntermediate}`, points.thresholds.toArray()],
    ];
  });
  const uniform = calibration(scores, targets, { bins: given.bins });
  const quantile = calibration(scores, targets, { bins: given.bins, strategy: 'quantile' });
  return {
    ...Object.fromEntries(curves),
    area: rocAUC(scores, targets),
    'average precision': averagePrecision(scores, targets),
    'log loss': logLoss(scores, targets),
    'log loss, float32': logLoss(scores.cast('float32'), targets),
    Brier: brierScore(scores, targets),
    observed: uniform.observed.toArray(),
    predicted: uniform.predicted.toArray(),
    'observed by quantile': quantile.observed.toArray(),
    'predicted by quantile': quantile.predicted.toArray(),
  };
}

/** Where metrics differ from what scikit-learn says by more than rounding; nothing where they do not. */
export function scoreDifferences(given: ScoreCase, wanted: ScoreAnswer): string[] {
  const found = scoresOf(given);
  const names = [...new Set([...Object.keys(found), ...Object.keys(wanted)])];
  const numbers = (x: number | Written | readonly (number | Written)[] | undefined): number[] =>
    (x === undefined ? [] : Array.isArray(x) ? x : [x]).map((each) => (each === 'inf' ? Infinity : Number(each)));
  return names.flatMap((name) => {
    const [ours, theirs] = [numbers(found[name]), numbers(wanted[name])];
    // scikit-learn takes the logarithms of float32 in float32.
    const tolerance = name.endsWith('float32') ? 1e-6 : 1e-12;
    const isNear = (a: number, b: number) => Object.is(a, b) || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));
    const same = ours.length === theirs.length && ours.every((x, i) => isNear(x, theirs[i]!));
    return same ? [] : [`${name}: ${ours}, not ${theirs}`];
  });
}
