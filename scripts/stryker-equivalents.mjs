/** Mutants that change no result, so that no test can find them, and why; each as `place: code => other code`. */
export const equivalents = [
  {
    because: 'The formula is continuous: where the two sides meet they are one number.',
    mutants: ['trunc: x.less(0) => x.lessEqual(0)'],
  },
];
