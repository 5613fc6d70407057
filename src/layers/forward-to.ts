/** The methods by which layers that follow one another are computed at once. */

/** The method of a layer that can compute the activation after it too, in one kernel; it gives `undefined` where that is not possible. */
export const forwardTo: unique symbol = /* @__PURE__ */ Symbol('forwardTo');

/** The method of a layer that can compute the layer and the activation before it too, in one pass; it gives `undefined` where that is not possible. */
export const forwardFrom: unique symbol = /* @__PURE__ */ Symbol('forwardFrom');

/** The method by which a convolution tells a layer after it what it does; it gives `undefined` where it does anything else. */
export const asConvolution: unique symbol = /* @__PURE__ */ Symbol('asConvolution');
