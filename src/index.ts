/** The front door: everything of `tapegrad` but the datasets, which have their own, `tapegrad/datasets`. */

export * from './autograd/index.ts';
export * from './layers/index.ts';
export * from './metrics/index.ts';
export * from './optim/index.ts';
export * from './tensor/index.ts';
