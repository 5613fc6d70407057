/** The method of a layer that can compute the activation after it too, in one kernel; it gives `undefined` where that is not possible. */
export const forwardTo: unique symbol = /* @__PURE__ */ Symbol('forwardTo');
