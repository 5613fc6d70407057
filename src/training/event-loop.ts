/** Giving way to whatever else waits: a page that has to be drawn, a timer, a message. */

interface Host {
  readonly scheduler?: { yield?(): Promise<void> };
  readonly setImmediate?: (f: () => void) => unknown;
}

/** Lets the event loop run once. Not by a timer: pages in the background slow these down to one a second. */
export function giveWay(): Promise<void> {
  const { scheduler, setImmediate } = globalThis as Host;
  if (scheduler?.yield) return scheduler.yield();
  if (setImmediate) return new Promise((resolve) => void setImmediate(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** How long a program may keep the event loop from running, in milliseconds. */
const PATIENCE = 100;

/** Gives way when the last time is long enough ago. */
export function givingWay(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < PATIENCE) return undefined;
    return giveWay().then(() => {
      last = performance.now();
    });
  };
}
