// Packs the package, installs the tarball in a folder fresh from `npm init -y`, uses it through `import` and `require`, and runs the first snippet of
// README as pasted: it has to print what README says, soon.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const npm = (args: string[], cwd: string): string =>
  execFileSync('npm', args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' });
const directory = mkdtempSync(join(tmpdir(), 'pack-'));
const project = join(directory, 'project');

const body = `
const { checkOperation, Tape, Tensor, unaryOp } = tapegrad;
const { DataLoader, synthetic } = datasets;
const product = Tensor.of([[1, 2], [3, 4]]).matmul(Tensor.eye(2));
if (String(product.toArray()) !== '1,2,3,4') throw new Error('wrong product: ' + product);
for (const [name, value] of [...Object.entries(tapegrad), ...Object.entries(datasets), ...Object.entries(io), ...Object.entries(sweeps)])
  // What declares operations is wrapped by a function of its own name, and nobody is shown that name.
  if (typeof value === 'function' && value.name !== name && !/Op$/.test(name)) throw new Error('consoles and summaries would call ' + name + ' ' + value.name);
const { validation } = synthetic();
const cube = unaryOp('cube', { forward: (x) => x.mul(x).mul(x), backward: ({ dy, x }) => dy.mul(x).mul(x).mul(3) });
checkOperation(cube);
const tape = new Tape();
tape.record(() => Tensor.eye(2).sum());
if ('sample' in tape.entries[0].op) throw new Error('the operations of the package have samples, which only make it larger');
const [[x, y]] = new DataLoader(validation, { batchSize: 4 });
if (!(x instanceof Tensor)) throw new Error('the entry points do not share one Tensor');
if (String(x.shape) !== '4,2' || y.dtype !== 'int32') throw new Error('wrong batch: ' + x + ', ' + y);
`;
const programs = {
  'esm.mjs': `import * as tapegrad from 'tapegrad';\nimport * as datasets from 'tapegrad/datasets';\nimport * as io from 'tapegrad/io';\nimport * as sweeps from 'tapegrad/sweep';\n${body}`,
  'cjs.cjs': `const tapegrad = require('tapegrad');\nconst datasets = require('tapegrad/datasets');\nconst io = require('tapegrad/io');\nconst sweeps = require('tapegrad/sweep');\n${body}`,
};

/** The first snippet of README, and what it says that is printed. */
function firstSnippet(): { code: string; printed: string } {
  const code = /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync('README.md', 'utf8'))?.[1];
  const printed = code && /^\/\/ => (.*)$/m.exec(code)?.[1];
  if (!code || !printed) throw new Error('README: expected a first snippet that says what it prints');
  return { code, printed };
}

/** Runs it as `train.mjs`: a project of `npm init -y` takes .js files for CommonJS. Returns the seconds it took. */
function runFirstSnippet(): number {
  const { code, printed } = firstSnippet();
  writeFileSync(join(project, 'train.mjs'), code);
  const start = performance.now();
  const found = execFileSync(process.execPath, ['train.mjs'], { cwd: project, encoding: 'utf8' }).trim();
  if (found !== printed) throw new Error(`README's first snippet: expected it to print ${printed}, got ${found}`);
  return (performance.now() - start) / 1000;
}

/** A list of what is wrong with what npm would publish. */
function complaints(files: readonly { path: string }[]): string[] {
  const expected = /^(dist\/.*\.(js|js\.map|d\.ts)|src\/.*\.ts|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, object | undefined>;
  const forbidden = ['dependencies', 'peerDependencies', 'optionalDependencies', 'bundleDependencies'];
  const hooks = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];
  return [
    ...files.filter(({ path }) => !expected.test(path)).map(({ path }) => `unexpected file ${path}`),
    ...forbidden.filter((key) => Object.keys(manifest[key] ?? {}).length > 0).map((key) => `package.json has ${key}`),
    ...hooks.filter((hook) => hook in manifest['scripts']!).map((hook) => `package.json has the script ${hook}`),
  ];
}

try {
  const [{ filename, files, size }] = JSON.parse(npm(['pack', '--json', '--pack-destination', directory], process.cwd())) as [
    { filename: string; files: { path: string }[]; size: number },
  ];
  const wrong = complaints(files);
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  mkdirSync(project);
  npm(['init', '-y'], project);
  npm(['install', '--no-audit', '--no-fund', `../${filename}`], project);
  for (const [file, program] of Object.entries(programs)) {
    writeFileSync(join(project, file), program);
    execFileSync(process.execPath, [file], { cwd: project, stdio: 'inherit' });
  }
  const seconds = runFirstSnippet();
  console.log(
    `${filename}: ${files.length} files, ${(size / 1024).toFixed(0)} kB; import and require work on Node ${process.version}, README's first snippet in ${seconds.toFixed(1)} s`,
  );
} finally {
  rmSync(directory, { recursive: true, force: true });
}
