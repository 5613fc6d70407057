/** The sweep by workers of a queue: runs where redis-server is there and the example is installed. */

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTrial } from 'tapegrad/sweep';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import trial, { makeTrials } from '../../examples/lib/spirals.ts';

const isThere = existsSync('examples/sweep-bullmq/node_modules') && spawnSync('redis-server', ['--version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'tapegrad-queue-'));
beforeAll(() => {
  process.env['EPOCHS'] = '20';
});
afterAll(() => {
  delete process.env['EPOCHS'];
  rmSync(folder, { recursive: true });
});

/** Runs the sweep in processes of their own; what it printed, as far as it came before it was to be killed. */
function sweep(args: readonly string[], killAt?: string): Promise<string> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'examples/sweep-bullmq/index.ts', '--folder', folder, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true, // a group of processes, which are killed together
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    if (killAt && text.includes(killAt)) process.kill(-child.pid!, 'SIGKILL');
  });
  return new Promise((done) => child.once('close', () => done(text)));
}

describe.skipIf(!isThere)('a sweep by workers of a queue', () => {
  test('goes on when all its processes were killed, loses no trial of killed workers, and finds what one process finds', async () => {
    const trials = makeTrials();
    for (const job of trials.ask()) trials.tell(job.id, await runTrial(job, trial));
    const first = await sweep([], ': done');
    expect(first).not.toContain('best');
    const second = await sweep(['--kill', '2']);
    expect(second.match(/is killed/g)).toHaveLength(2);
    expect(second).toContain(`\n${trials.result}\n`);
  }, 300_000);
});
