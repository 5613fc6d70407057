import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Writes files or, with `--check`, fails and names those that are not what would be written. */
export function writeOrCheck(command: string, files: ReadonlyMap<string, string>): void {
  const stale = [...files].filter(([file, text]) => !existsSync(file) || readFileSync(file, 'utf8') !== text);
  if (!process.argv.includes('--check')) {
    for (const [file, text] of stale) writeFileSync(file, text);
    console.log(`${command}: ${files.size} files, ${stale.length} of them written`);
  } else if (stale.length === 0) {
    console.log(`${command}: ${[...files.keys()].join(' and ')} up to date`);
  } else {
    console.error(`${command}: stale, so run npm run ${command}:\n${stale.map(([file]) => `  ${file}`).join('\n')}`);
    process.exitCode = 1;
  }
}
