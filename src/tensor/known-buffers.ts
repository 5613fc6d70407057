/** All buffers there are: by this list one is known without its class, which programs whose models have none need not carry. */

const buffers = /* @__PURE__ */ new WeakSet<object>();

/** Takes note of a new buffer. */
export const rememberBuffer = (buffer: object): unknown => buffers.add(buffer);

/** Whether an object was noted. */
export const isKnownBuffer = (x: object): boolean => buffers.has(x);
