/** The progress of a training: a bar in a terminal, a few plain lines elsewhere. */

import { SingleBar } from 'cli-progress';

export interface Progress {
  /** Reports how many examples have been processed, and their mean loss. */
  advance(examples: number, loss: number): void;
  /** Ends with a last line. */
  finish(summary: string): void;
}

/** The columns of a line that are neither label nor bar. */
const OTHERS = ' 100% | 100,000 samples/s | loss 10.0000 | 1000 s left'.length + 2;

/** Shows the progress of a loop over `total` examples. */
export function progress(label: string, total: number): Progress {
  const start = performance.now();
  const rate = (seen: number) => seen / Math.max(1e-3, (performance.now() - start) / 1000);
  const figures = (seen: number, loss: number) => ({
    speed: `${Math.round(rate(seen)).toLocaleString('en')} samples/s`,
    loss: seen > 0 ? loss.toFixed(4) : '…',
    left: seen > 0 ? `${Math.ceil((total - seen) / rate(seen))} s left` : '…',
  });
  if (!process.stdout.isTTY) return plain(label, total, figures);
  const format = `${label} {bar} {percentage}% | {speed} | loss {loss} | {left}`;
  // Cursor and line wrap stay as they are, so that Ctrl-C leaves a terminal in order; hence a bar that is shorter where the line would not fit.
  const barsize = Math.max(4, Math.min(24, (process.stdout.columns || 80) - label.length - OTHERS));
  const bar = new SingleBar({ format, barCompleteChar: '█', barIncompleteChar: '░', barsize, linewrap: true, clearOnComplete: true });
  bar.start(total, 0, figures(0, Number.NaN));
  return {
    advance: (seen, loss) => bar.update(seen, figures(seen, loss)),
    finish(summary) {
      bar.stop();
      console.log(`${label} ${summary}`);
    },
  };
}

/** At most one line in five seconds. */
function plain(
  label: string,
  total: number,
  figures: (seen: number, loss: number) => { speed: string; loss: string; left: string },
): Progress {
  let last = performance.now();
  return {
    advance(seen, loss) {
      if (performance.now() - last < 5000) return;
      last = performance.now();
      const { speed, loss: shown, left } = figures(seen, loss);
      console.log(`${label} ${Math.round((100 * seen) / total)}% | ${speed} | loss ${shown} | ${left}`);
    },
    finish: (summary) => console.log(`${label} ${summary}`),
  };
}
