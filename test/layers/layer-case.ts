import type { FloatDtype } from '../../src/base/dtype.ts';
import type { Random, Tensor } from '../../src/index.ts';

/** What a layer, and its input, are made with. */
export interface Making {
  readonly dtype: FloatDtype;
  readonly random: Random;
}

/** A layer with valid input, for the properties that every layer has. */
export interface LayerCase<L extends object = any> {
  /** The class, and after a comma the option that makes it notable: `Linear, without bias`. */
  readonly name: string;
  readonly make: (making: Making) => L;
  /** What it is called with, at points where it is smooth. int32 tensors are not differentiated. */
  readonly inputs: (making: Making) => readonly Tensor[];
  /** How it is called. Default `layer.forward(...inputs)`. Of several results one, such as their sum. */
  readonly call?: (layer: L, ...inputs: Tensor[]) => Tensor;
  /** Whether it draws numbers or takes statistics in, in training. Default false. */
  readonly differsInTraining?: boolean;
  /** Whether its examples depend on each other in training, so that `vmap` is refused then. Default false. */
  readonly joinsExamples?: boolean;
}
