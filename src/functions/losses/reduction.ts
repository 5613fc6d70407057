/** How the losses of the rows become one: their mean, their sum, or not at all. */
export type Reduction = 'mean' | 'sum' | 'none';
