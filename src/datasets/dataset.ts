import { DtypeError, ShapeError } from '../base/errors.ts';
import { formatShape, sizeOf } from '../base/shape.ts';
import { Tensor } from '../tensor/tensor.ts';

/**
 * Examples and their classes: row `i` of `x` belongs to class `y[i]`.
 *
 * @example new Dataset(Tensor.zeros([5, 2]), Tensor.of([0, 1, 1, 0, 1], 'int32')).size // => 5
 */
export class Dataset {
  /** The examples, `[size, …]`. */
  readonly x: Tensor;
  /** Their classes, `[size]` in int32. */
  readonly y: Tensor<[number]>;

  /** @throws ShapeError where there is not one class for each example; DtypeError for classes that are not int32. */
  constructor(x: Tensor, y: Tensor) {
    if (y.dtype !== 'int32')
      throw new DtypeError(`Dataset: expected classes in int32, got ${y.dtype} ${formatShape(y.shape)}; convert them with cast('int32')`);
    if (x.rank === 0 || y.rank !== 1 || x.shape[0] !== y.size) {
      throw new ShapeError(
        `Dataset: expected one class for each example, got examples ${formatShape(x.shape)} and classes ${formatShape(y.shape)}`,
      );
    }
    this.x = x;
    this.y = y;
  }

  /** How many examples there are. */
  get size(): number {
    return this.y.size;
  }

  /**
   * The examples from `start` up to but without `end`; negative places count from the end. The memory is shared, not copied.
   * @example new Dataset(Tensor.zeros([5, 2]), Tensor.zeros([5], 'int32')).slice(-2).size // => 2
   */
  slice(start: number, end: number = this.size): Dataset {
    const part = ({ shape, numbers: data }: Tensor) => {
      const row = sizeOf(shape.slice(1));
      const [from, to] = [start, end].map((place) => Math.min(Math.max(place < 0 ? place + this.size : place, 0), this.size)) as [
        number,
        number,
      ];
      return new Tensor([Math.max(0, to - from), ...shape.slice(1)], data.subarray(from * row, Math.max(from, to) * row));
    };
    if (![start, end].every(Number.isInteger)) throw new ShapeError(`Dataset: expected whole numbers to slice by, got ${start} and ${end}`);
    return datasetOf(part(this.x), part(this.y));
  }
}

// Outside of the class: a class that names itself is renamed by bundlers, and consoles would print the other name.
const datasetOf = (x: Tensor, y: Tensor): Dataset => new Dataset(x, y);
