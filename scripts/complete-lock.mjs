// A package registry that lacks other platforms' binaries leaves them out of package-lock.json, and `npm ci`
// then fails everywhere with "Missing: @rollup/rollup-darwin-arm64@ from lock file". This adds the entries.
import { readFileSync, writeFileSync } from 'node:fs';

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const oses = {
  win32: 'win32',
  windows: 'win32',
  darwin: 'darwin',
  linux: 'linux',
  android: 'android',
  freebsd: 'freebsd',
  openbsd: 'openbsd',
  netbsd: 'netbsd',
  sunos: 'sunos',
  aix: 'aix',
  openharmony: 'openharmony',
};
const cpus = ['arm64', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el', 'wasm32', 'arm'];
let added = 0;
for (const [path, pkg] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(pkg.optionalDependencies ?? {})) {
    // Node's lookup: nested first, then upwards.
    let at = path;
    let found = false;
    for (;;) {
      if (lock.packages[`${at ? `${at}/` : ''}node_modules/${name}`]) {
        found = true;
        break;
      }
      if (!at) break;
      at = at.slice(0, Math.max(at.lastIndexOf('/node_modules/'), 0));
    }
    if (found || !/^\d/.test(version)) continue;
    const words = name.split('/').pop().split(/[-_.]/);
    const os = words.map((w) => oses[w]).find(Boolean);
    const cpu = cpus.find((c) => words.includes(c));
    const entry = { version };
    if (cpu) entry.cpu = [cpu];
    if (pkg.dev) entry.dev = true;
    if (words.includes('musl') || words.includes('musleabihf')) entry.libc = ['musl'];
    else if (os === 'linux' && (words.includes('gnu') || words.includes('gnueabihf'))) entry.libc = ['glibc'];
    entry.optional = true;
    if (os) entry.os = [os];
    lock.packages[`node_modules/${name}`] = entry;
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${added} optional platform packages added`);
