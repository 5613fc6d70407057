/** The kernel that changes a matrix by a formula of itself and of a product that is never stored: the step of an optimizer and the gradient in one. */

import { listOf, type Rules } from '../../formula/formula.ts';
import { advance, assemble, type Code, i32, type Kernel, type Local, repeat, repeatWhile, when } from './assembler.ts';
import { storingRest } from './edges.ts';
import { NEIGHBOURS, registerOf, translate, uniform, varying } from './elementwise.ts';
import { vectors } from './lanes.ts';
import { FACTORS, type PanelLayout, type StripLayout, sumsOf, type Tile, VECTOR } from './matmul-kernels.ts';

/** What an input of the formula is: the matrix that is changed, the product, another matrix of that size, or a single number. */
export const ROLES = ['target', 'product', 'varying', 'uniform'] as const;
export type Role = (typeof ROLES)[number];

/**
 * What a kernel updates: so many strips and panels, of which the last has `rest` bytes of a row or all, of the target whose rows are `rowBytes` apart. All
 * strips are updated for so many panels `atOnce`, then for the next.
 */
export interface Update {
  readonly strips: number;
  readonly panels: number;
  readonly atOnce: number;
  readonly rest: number;
  readonly k: number;
  readonly a: StripLayout;
  readonly b: PanelLayout;
  readonly target: number;
  readonly rowBytes: number;
  /** The addresses of the inputs that are neither the target nor the product. */
  readonly others: readonly number[];
}

const UPDATE = ['strips', 'panels', 'atOnce', 'rest', 'k', ...FACTORS, 'target', 'rowBytes'] as const;

export function runUpdate(run: Kernel, { strips, panels, atOnce, rest, k, a, b, target, rowBytes, others }: Update): void {
  const { address, stripStride, rowStride, stepStride } = a;
  // biome-ignore format: the parameters in their order
  run(
    strips, panels, atOnce, rest, k,
    address, stripStride, rowStride, stepStride, b.address, b.panelStride, b.stepStride,
    target, rowBytes, ...others,
  );
}

/**
 * The kernel for inputs of these roles, in the order of the formula. Of several formulas, the values of each but the first go to where the varying input
 * of its place was.
 */
export function update(rules: Rules, roles: readonly Role[], strip: Omit<Tile, 'vectors'>): Uint8Array<ArrayBuffer> {
  const formulas = listOf(rules);
  const v = vectors[formulas[0]!.dtype];
  const tile: Tile = { ...strip, vectors: NEIGHBOURS.length };
  const names = roles.flatMap((role, i) => (role === 'varying' || role === 'uniform' ? [`input${i}` as const] : []));
  return assemble<(typeof UPDATE)[number] | `input${number}`>([...UPDATE, ...names], (parameters, scope) => {
    const { strips, panels, atOnce, rest, a, aStripStride, b, bPanelStride, target, rowBytes } = parameters;
    const integers = () => scope.integer();
    const [to, row, at, fromA, fromB] = [integers(), integers(), integers(), integers(), integers()];
    const [left, strip, full, hasRest] = [integers(), integers(), integers(), integers()];
    const inputs = roles.map((role, i) => ({
      role,
      registers: role === 'uniform' ? uniform(scope) : varying(scope),
      address: parameters[`input${i}`] ?? to,
    }));
    const sums = sumsOf(v, scope, tile, parameters);
    const { constants, forRow, forPair, results } = translate(
      formulas,
      v,
      scope,
      inputs.map(({ registers }) => registers),
    );
    const storePair = (address: Code, pair: readonly Local[]): Code => pair.map((vector, i) => v.store(address, vector, VECTOR * i));
    const storeRest = storingRest(v, scope, NEIGHBOURS.length, rest);
    const change = (store: typeof storePair): Code => [
      sums.addUp(fromA, fromB),
      at.set(to),
      sums.rows.map(([first, second]) => {
        const load = ({ role, registers, address }: (typeof inputs)[number], i: 0 | 1): Code =>
          role === 'product'
            ? registerOf(registers, i).set(i === 0 ? first! : second!)
            : role === 'uniform'
              ? []
              : registerOf(registers, i).set(v.load(role === 'target' ? at : i32.add(at, address), VECTOR * i));
        return [
          inputs.map((input) => NEIGHBOURS.map((i) => load(input, i))),
          forPair,
          results.map((result, which) =>
            store(
              which === 0 ? at : i32.add(at, inputs[which]!.address),
              NEIGHBOURS.map((i) => registerOf(result, i)),
            ),
          ),
          advance(at, rowBytes),
        ];
      }),
    ];
    return [
      constants,
      inputs.map(({ role, registers, address }) =>
        role === 'uniform' ? registers[0].set(v.loadSplat(address)) : role === 'varying' ? address.set(i32.sub(address, target)) : [],
      ),
      forRow,
      left.set(panels),
      repeatWhile(left, [
        when(i32.less(left, atOnce), atOnce.set(left)),
        // The last of all panels is the last of the last turn.
        hasRest.set(i32.and(i32.less(i32.constant(0), rest), i32.less(left, i32.add(atOnce, i32.constant(1))))),
        row.set(target),
        fromA.set(a),
        strip.set(strips),
        repeat(strip, [
          to.set(row),
          fromB.set(b),
          full.set(i32.sub(atOnce, hasRest)),
          when(full, repeat(full, [change(storePair), advance(to, 2 * VECTOR), advance(fromB, bPanelStride)])),
          when(hasRest, [change(storeRest), advance(fromB, bPanelStride)]),
          advance(fromA, aStripStride),
          advance(row, i32.mul(rowBytes, i32.constant(tile.rows))),
        ]),
        advance(target, i32.mul(atOnce, i32.constant(2 * VECTOR))),
        b.set(fromB),
        left.set(i32.sub(left, atOnce)),
      ]),
    ];
  });
}
