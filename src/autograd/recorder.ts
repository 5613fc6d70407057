import type { Shape } from '../base/shape-types.ts';
import type { ElementwiseOp } from '../tensor/op.ts';
import { Parameter } from '../tensor/parameter.ts';
import { Ids, idIn, type Recorder, recordedBy, setId } from '../tensor/recorders.ts';
import { Tensor } from '../tensor/tensor.ts';
import { traceOf } from '../tensor/traced.ts';
import type { Computation, Entry, Value } from './entries.ts';
import { isUsedAtOnce } from './lazy.ts';

/** A value as it took part. Its shape is frozen when it is asked for, since few are. */
class Seen implements Value {
  tensor: Tensor | undefined;
  private readonly sizes: Shape;

  constructor(
    tensor: Tensor,
    readonly name: string | undefined,
    readonly constant: number | undefined,
    readonly version: number | undefined,
  ) {
    this.tensor = tensor;
    this.sizes = tensor.sizes;
  }

  get shape(): Shape {
    return Object.freeze(this.sizes.slice());
  }
}

/** Writes a computation down as it happens, and knows the id of every tensor in it. */
export class ComputationRecorder implements Computation, Recorder {
  readonly entries: Entry[] = [];
  readonly values: Value[] = [];
  /** Whether nobody but a step of an optimizer sees what is written down. */
  readonly isPrivate: boolean = isUsedAtOnce();
  private readonly ids = new Ids();
  private names: Map<Tensor, string> | undefined = undefined;

  /** The id of a tensor, if it took part. */
  idOf(x: Tensor): number | undefined {
    return this.ids.inUse ? x[idIn](this.ids) : undefined;
  }

  /** Names a tensor before it takes part. One that has a name already keeps it. */
  name(x: Tensor, name: string): void {
    this.names ??= new Map();
    if (!this.names.has(x)) this.names.set(x, name);
  }

  /** The id of a tensor, which came from outside if it was not seen before. */
  see(x: Tensor, name?: string): number {
    const id = x[idIn](this.ids);
    if (id !== undefined) return id;
    const parameter = x instanceof Parameter ? x : undefined;
    return this.append(
      x,
      name ?? this.names?.get(x) ?? parameter?.path,
      x.rank === 0 && !parameter && !traceOf(x) ? x.numbers[0] : undefined,
      parameter?.version,
    );
  }

  /** The ids of the inputs of an operation. */
  seeAll(inputs: Readonly<Record<string, Tensor>>): Record<string, number> {
    const ids: Record<string, number> = {};
    for (const name in inputs) if (inputs[name] instanceof Tensor) ids[name] = this.see(inputs[name]);
    return ids;
  }

  /** The same for inputs of these names: engines take several times as long to go through those of any object. */
  private seeNamed(inputs: Readonly<Record<string, Tensor>>, names: readonly string[]): Record<string, number> {
    const ids: Record<string, number> = {};
    for (let i = 0; i < names.length; i++) ids[names[i]!] = this.see(inputs[names[i]!]!);
    return ids;
  }

  /** Writes an operation down. */
  add(op: Entry['op'], inputs: Readonly<Record<string, Tensor>>, attributes: object, output: Tensor): void {
    const { names } = op as Partial<ElementwiseOp>;
    const ids = names ? this.seeNamed(inputs, names) : this.seeAll(inputs);
    this.entries.push({ op, inputs: ids, attributes, output: this.append(output, undefined, undefined, undefined) });
  }

  /** Writes down the operations that a function performs. */
  record<T>(f: () => T): T {
    return recordedBy(this, f);
  }

  /** Releases every tensor. What is needed to print the computation stays. */
  release(): void {
    this.ids.inUse = false;
    this.ids.lost = this.names = undefined;
    for (const value of this.values) value.tensor = undefined;
  }

  private append(tensor: Tensor, name: string | undefined, constant: number | undefined, version: number | undefined): number {
    const id = this.values.length;
    tensor[setId](this.ids, id);
    this.values.push(new Seen(tensor, name, constant, version));
    return id;
  }
}
