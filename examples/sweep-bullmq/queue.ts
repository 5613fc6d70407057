/** What the queue and its workers have in common. */

import type { ConnectionOptions } from 'bullmq';

export const QUEUE = 'trials';

/** The Redis that `REDIS` names, such as `redis://localhost:6379`. Requests wait while it is away. */
export const connectionTo = (url: string): ConnectionOptions => ({ url, maxRetriesPerRequest: null });

/**
 * A worker says every half of this many milliseconds that it still has its job; when it has not for so long, and somebody looks, which they do as often, the job is given to another. BullMQ's own are 30
 * seconds, which costs fewer requests.
 */
export const LOCK = 5000;
