/**
 * Whether it pays to do a job together, which depends on what else the cores do, and is found out by doing it.
 *
 * For each size of each kind of job there is an account of the time that doing it together has saved. Where it is overdrawn the job is done alone, and
 * each time pays back a twentieth of what it took: so a training that loses by threads loses hardly more than that, whatever happens.
 */

import type { Kind } from '../wasm/division.ts';

/** So much of the time that a job takes alone is spent on finding out, and is the least that doing it together has to save. */
const SHARE = 0.05;

/** The balance of an account is between these, in times that the job takes alone: old savings, and old losses, count for no more. */
const [LEAST, MOST] = [-50, 10];

/** How often it is measured anew how long a job takes alone: this often at least, and at first more often, while engines still compile better code. */
const AGAIN = 64;

/** So often a job is done together before that counts: helpers compile what they need, and engines compile better code. */
const TRIES = 2;

/** More sizes than this are not remembered. */
const MOST_ACCOUNTS = 1000;

/** What is known of a size of a kind of job. Times are in milliseconds. */
export interface Account {
  /** How long it takes alone. */
  alone: number;
  /** What doing it together has saved. */
  balance: number;
  /** How often it was done, and how often together. */
  times: number;
  together: number;
}

export class Judge {
  readonly #accounts = new Map<string, Account>();

  /** The account of a job of so many operations. */
  accountOf(kind: Kind, operations: number): Account {
    const key = `${kind} ${operations}`;
    let account = this.#accounts.get(key);
    if (!account) {
      if (this.#accounts.size === MOST_ACCOUNTS) this.#accounts.clear();
      this.#accounts.set(key, (account = { alone: Infinity, balance: 0, times: 0, together: 0 }));
    }
    return account;
  }
}

/** Whether a job is to be done together this time. */
export function isWorthTrying(account: Account): boolean {
  const times = account.times++;
  const isToBeMeasured = times % AGAIN === 0 || (times & (times - 1)) === 0;
  return !isToBeMeasured && account.balance >= 0;
}

/** Enters how long a job took alone. A time may be long by chance, but never short. */
export function enterAlone(account: Account, time: number): void {
  const { alone, balance } = account;
  account.alone = time < alone ? time : alone + (Math.min(time, 2 * alone) - alone) / 4;
  if (balance < 0) account.balance = Math.min(0, balance + SHARE * time);
}

/** Enters how long a job took together. */
export function enterTogether(account: Account, time: number): void {
  const { alone, balance } = account;
  if (account.together++ < TRIES) return;
  account.balance = Math.max(LEAST * alone, Math.min(MOST * alone, balance + (1 - SHARE) * alone - time));
}
