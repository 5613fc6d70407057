/** A file to which lines are added. A line that was not written to its end does not count. */

import { DataError } from '../base/errors.ts';
import { needed } from './host.ts';

/** The lines of a file, and its end. */
export class JournalFile {
  /** The lines that were there. */
  readonly lines: readonly string[];
  readonly #path: string;
  readonly #file: number;
  #size: number;

  /**
   * Opens a file, or begins one; what a kill left of a last line is cut off.
   * @throws DataError where that cannot be done.
   */
  constructor(path: string) {
    const disk = needed('sweep', 'a folder', 'node:fs');
    this.#path = path;
    try {
      this.#file = disk.openSync(path, 'a');
      const text = disk.readFileSync(path, 'utf8');
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      this.#size = new TextEncoder().encode(whole).length;
      if (whole.length < text.length) disk.truncateSync(path, this.#size);
      this.lines = whole.split('\n').slice(0, -1);
    } catch (error) {
      throw new DataError(`${path}: cannot be opened: ${String(error)}`, { cause: error });
    }
  }

  /**
   * Adds a line.
   * @throws DataError where it cannot be written, and where another program has written to the file.
   */
  append(line: string): void {
    const disk = needed('sweep', 'a folder', 'node:fs');
    // As Python writes JSON: one byte a character.
    const text = `${line.replaceAll(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
    let written: number;
    try {
      if (disk.fstatSync(this.#file).size !== this.#size)
        throw new Error('another program writes to it; a sweep needs a folder of its own');
      written = disk.writeSync(this.#file, text);
    } catch (error) {
      throw new DataError(`${this.#path}: cannot be written: ${String(error)}`, { cause: error });
    }
    this.#size += written;
    if (written < text.length) throw new DataError(`${this.#path}: was not written to its end: the disk may be full`);
  }

  /** Waits until all lines are on the disk. */
  sync(): void {
    needed('sweep', 'a folder', 'node:fs').fsyncSync(this.#file);
  }

  close(): void {
    needed('sweep', 'a folder', 'node:fs').closeSync(this.#file);
  }
}
