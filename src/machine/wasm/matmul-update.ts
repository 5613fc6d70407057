/** The kernel that changes a matrix by a formula of itself and of a product that is never stored: the step of an optimizer and the gradient in one. */

import type { Formula } from '../../formula/formula.ts';
import { advance, assemble, type Code, i32, type Kernel, type Local, repeat, when } from './assembler.ts';
import { NEIGHBOURS, type Registers, registerOf, translate, uniform, varying } from './elementwise.ts';
import { vectors } from './lanes.ts';
import { FACTORS, type PanelLayout, type StripLayout, sumsOf, type Tile, VECTOR } from './matmul-kernels.ts';

/** What an input of the formula is: the matrix that is changed, the product, another matrix of that size, or a single number. */
export const ROLES = ['target', 'product', 'varying', 'uniform'] as const;
export type Role = (typeof ROLES)[number];

/** What a kernel updates: so many strips and whole panels, then a last panel of `rest` bytes, of the target whose rows are `rowBytes` long. */
export interface Update {
  readonly strips: number;
  readonly panels: number;
  readonly rest: number;
  readonly k: number;
  readonly a: StripLayout;
  readonly b: PanelLayout;
  readonly target: number;
  readonly rowBytes: number;
  /** The addresses of the inputs that are neither the target nor the product. */
  readonly others: readonly number[];
}

const UPDATE = ['strips', 'panels', 'rest', 'k', ...FACTORS, 'target', 'rowBytes'] as const;

export function runUpdate(run: Kernel, { strips, panels, rest, k, a, b, target, rowBytes, others }: Update): void {
  const { address, stripStride, rowStride, stepStride } = a;
  run(
    strips,
    panels,
    rest,
    k,
    address,
    stripStride,
    rowStride,
    stepStride,
    b.address,
    b.panelStride,
    b.stepStride,
    target,
    rowBytes,
    ...others,
  );
}

/**
 * The kernel for inputs of these roles, in the order of the formula.
 *
 * Nothing reaches over an edge here, since what is overwritten could not be computed again: a last panel of `rest` bytes leaves all else as it was.
 */
export function update(formula: Formula, roles: readonly Role[], tile: Tile): Uint8Array<ArrayBuffer> {
  const v = vectors[formula.dtype];
  const names = roles.flatMap((role, i) => (role === 'varying' || role === 'uniform' ? [`input${i}` as const] : []));
  return assemble<(typeof UPDATE)[number] | `input${number}`>([...UPDATE, ...names], (parameters, scope) => {
    const { strips, panels, rest, a, aStripStride, b, bPanelStride, target, rowBytes } = parameters;
    const [to, row, at, fromB, left] = [scope.integer(), scope.integer(), scope.integer(), scope.integer(), scope.integer()];
    const inputs = roles.map((role, i) => ({
      role,
      registers: role === 'uniform' ? uniform(scope) : varying(scope),
      address: parameters[`input${i}`] ?? to,
    }));
    const sums = sumsOf(v, scope, tile, parameters);
    const { constants, forRow, forPair, result } = translate(
      formula,
      v,
      scope,
      inputs.map(({ registers }) => registers),
    );
    const old = inputs.find(({ role }) => role === 'target')!.registers;
    const change = (masks: readonly Local[] | undefined): Code => [
      sums.addUp(a, fromB),
      at.set(to),
      sums.rows.map((row) => [
        pairs(row).map((pair, which) => {
          const offset = 2 * VECTOR * which;
          const load = ({ role, registers, address }: (typeof inputs)[number], i: 0 | 1): Code =>
            role === 'product'
              ? registerOf(registers, i).set(registerOf(pair, i))
              : role === 'uniform'
                ? []
                : registerOf(registers, i).set(v.load(role === 'target' ? at : i32.add(at, address), offset + VECTOR * i));
          const keep = (value: Code, i: 0 | 1) => (masks ? v.select(masks[2 * which + i]!, value, registerOf(old, i)) : value);
          return [
            inputs.map((input) => NEIGHBOURS.map((i) => load(input, i))),
            forPair,
            NEIGHBOURS.map((i) => v.store(at, keep(registerOf(result, i), i), offset + VECTOR * i)),
          ];
        }),
        advance(at, rowBytes),
      ]),
    ];
    const masks = Array.from({ length: tile.vectors }, () => scope.vector());
    return [
      constants,
      inputs.map(({ role, registers, address }) =>
        role === 'uniform' ? registers[0].set(v.loadSplat(address)) : role === 'varying' ? address.set(i32.sub(address, target)) : [],
      ),
      forRow,
      masks.map((mask, i) => mask.set(v.bytesBefore(rest, VECTOR * i))),
      row.set(target),
      repeat(strips, [
        to.set(row),
        fromB.set(b),
        left.set(panels),
        when(left, repeat(left, [change(undefined), advance(to, VECTOR * tile.vectors), advance(fromB, bPanelStride)])),
        when(rest, change(masks)),
        advance(a, aStripStride),
        advance(row, i32.mul(rowBytes, i32.constant(tile.rows))),
      ]),
    ];
  });
}

const pairs = (row: readonly Local[]): readonly Registers[] =>
  row.flatMap((first, i) => (i % 2 === 0 ? [[first, row[i + 1]!] as const] : []));
