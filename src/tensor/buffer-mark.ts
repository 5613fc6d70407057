/** The property that every buffer has: by it a buffer is known without its class, which programs whose models have none need not carry. */
export const bufferMark: unique symbol = /* @__PURE__ */ Symbol('Buffer');
