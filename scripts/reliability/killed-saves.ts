import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from 'tapegrad';
import { bundled } from '../../test/lib/bundled.ts';
import { killWhileSaving } from '../../test/lib/killed-saves.ts';
import { counted } from './section.ts';

/** What kills at random moments leave of a file that is saved again and again. Ends in an error where it is half, missing, or older than what was said to be saved. */
export async function killedSaves(count: number): Promise<string> {
  const program = await bundled('test/lib/saving-process.ts');
  const folder = mkdtempSync(join(tmpdir(), 'tapegrad-killed-'));
  const random = new Random(1);
  let [inside, newer, first] = [0, 0, 1];
  for (let kill = 0; kill < count; kill++) {
    const { saved, found, before, isInside } = await killWhileSaving(
      program,
      join(folder, 'model.safetensors'),
      first,
      20 * random.float(),
    );
    if (found !== saved && found !== saved + 1) throw new Error(`kill ${kill}: found model ${found} after ${saved} was saved`);
    if (before !== found && before !== found - 1) throw new Error(`kill ${kill}: kept model ${before} of before ${found}`);
    if (isInside) inside++;
    if (found !== saved) newer++;
    first = found + 1;
  }
  rmSync(folder, { recursive: true });
  return `| kills | file whole | the one before whole | killed inside of \`save\` | file newer than the last of which \`save\` had returned |
| --- | --- | --- | --- | --- |
| ${[count, count, count, inside, newer].map(counted).join(' | ')} |`;
}
