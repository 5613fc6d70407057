/** Functions of single numbers that have the same bits on every engine. */

import { numberOf } from '../formula/evaluate.ts';
import { formula } from '../formula/formula.ts';
import { cosine as cosineOf } from '../formula/trigonometry.ts';

const powerRule = /* @__PURE__ */ formula((x, exponent) => x.pow(exponent));
const cosineRule = /* @__PURE__ */ formula((x) => cosineOf(x));

export const power = (x: number, exponent: number): number => numberOf(powerRule, x, exponent);
export const cosine = (x: number): number => numberOf(cosineRule, x);
