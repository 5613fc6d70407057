import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from 'tapegrad';
import { counted } from './section.ts';

/** The main job on a part of the images. */
const COMMAND = ['--import', 'tsx', 'examples/mnist.ts', '--quick', '--resume'];

/** Runs the main job, and kills it some seconds after it has begun to train, if it has not ended before. */
async function life(seconds: number): Promise<{ readonly isKilled: boolean; readonly step: number; readonly hash: string | undefined }> {
  const child = spawn(process.execPath, COMMAND, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (said += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  while (child.exitCode === null && !said.includes('images to train on')) await sleep(5);
  const limit = seconds === Infinity ? [] : [sleep(1000 * seconds).then(() => 'alive' as const)];
  const status = await Promise.race([ended, ...limit]);
  if (status === 'alive') child.kill('SIGKILL');
  if ((await ended) !== 0 && status !== 'alive') throw new Error(`${COMMAND.join(' ')}: ended by itself: ${said}`);
  const step = Number(/after step (\d+)/.exec(said)?.[1] ?? 0);
  return { isKilled: status === 'alive', step, hash: /SHA-256 of the weights: (\w+)/.exec(said)?.[1] };
}

/** The main job killed again and again at random moments, and started again. Ends in an error where it comes to other weights than the one that nobody killed. */
export async function killedTrainings(count: number): Promise<string> {
  const forget = () => rmSync('examples/out/quick/mnist-run.safetensors', { force: true });
  forget();
  const start = performance.now();
  const { hash: expected } = await life(Infinity);
  const seconds = (performance.now() - start) / 1000;
  const random = new Random(1);
  let [kills, resumed, trainings] = [0, 0, 0];
  while (kills < count) {
    forget();
    trainings++;
    for (let isEnded = false; !isEnded; ) {
      // A training that is as good as never let run to its end would not tell anything; nor would one that is never killed.
      const { isKilled, step, hash } = await life(kills < count ? (seconds * random.float()) / 2 : Infinity);
      if (step > 0) resumed++;
      if (isKilled) console.log(`kill ${++kills} of ${count}, of a start that went on after step ${step}`);
      if (hash && hash !== expected) throw new Error(`the weights are ${hash} after ${kills} kills, ${expected} without`);
      isEnded = !isKilled;
    }
  }
  return `| trainings | kills | starts that went on from a file | trainings that ended with the weights of the one that nobody killed |
| --- | --- | --- | --- |
| ${[trainings, kills, resumed, trainings].map(counted).join(' | ')} |

The SHA-256 of the weights is \`${expected}\`.`;
}
