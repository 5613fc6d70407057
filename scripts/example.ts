// `npm run example q3 -- --quick` runs the example whose file name begins with "q3" and hands it the other arguments;
// `npm run example -- --all --quick` runs all of them, one after the other, and stops at the first that fails.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const files = readdirSync('examples')
  .filter((file) => file.endsWith('.ts'))
  .sort();
const [wanted, ...rest] = process.argv.slice(2);
const all = wanted === '--all';
const chosen = files.filter((file) => all || (wanted && file.startsWith(wanted)));
// "q1" must not be ambiguous once there is a "q10-….ts".
const exact = chosen.filter((file) => /^(-|\.ts$)/.test(file.slice(wanted?.length)));
const running = all ? chosen : exact.length > 0 ? exact : chosen;

if (running.length === 0 || (!all && running.length > 1)) {
  const problem = !wanted ? 'which example?' : `${running.length === 0 ? 'no' : 'more than one'} example begins with "${wanted}"`;
  console.error(`${problem}\n\nnpm run example <name> -- [arguments]\n${files.map((file) => `  ${file.slice(0, -3)}`).join('\n')}`);
  process.exit(1);
}
for (const file of running) {
  const start = performance.now();
  if (all) console.log(`\n==> examples/${file} ${rest.join(' ')}`);
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', `examples/${file}`, ...rest], { stdio: 'inherit' });
  if (status !== 0) {
    console.error(`examples/${file} failed`);
    process.exit(status ?? 1);
  }
  if (all) console.log(`==> ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
