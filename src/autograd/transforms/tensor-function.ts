import type { Tensor } from '../../tensor/tensor.ts';

/** A function of tensors that returns a tensor. */
export type TensorFunction<Xs extends readonly Tensor[] = readonly Tensor[], Y extends Tensor = Tensor> = (...xs: Xs) => Y;

/** One tensor for each argument, of its shape. */
export type Like<Xs extends readonly Tensor[]> = { -readonly [I in keyof Xs]: Xs[I] };
