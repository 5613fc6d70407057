/** What a user reads where shapes do not fit: the compiler's own message must say which sizes. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const wrong = {
  'a.matmul(Tensor.zeros([4, 5]))': 'matmul: inner sizes 3 and 4 differ',
  'a.add(Tensor.zeros([4]))': 'sizes 3 and 4 do not broadcast',
  'a.choose(a, a).add(a).matmul(a.transpose()).item().shape': "Property 'shape' does not exist on type 'number'",
  'new Linear(784, 10).forward(Tensor.zeros([64, 100]))': "Type '100' is not assignable to type '784'",
  "new SoftmaxCrossEntropy().forward(Tensor.zeros([64, 10]), Tensor.zeros([32], 'int32'))": "Type '32' is not assignable to type '64'",
};

test('the compiler says which sizes do not fit', () => {
  const file = join(process.cwd(), 'test/types/snippets.ts');
  const lines = Object.keys(wrong).map((code) => `export const _${Object.keys(wrong).indexOf(code)} = ${code};`);
  const source = `import { Linear, SoftmaxCrossEntropy, Tensor } from '../../src/index.ts';\nconst a = Tensor.zeros([2, 3]);\n${lines.join('\n')}\n`;
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile('tsconfig.json', (path) => readFileSync(path, 'utf8')).config,
    ts.sys,
    process.cwd(),
  );
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => path === file || fileExists(path);
  host.getSourceFile = (path, ...rest) =>
    path === file ? ts.createSourceFile(path, source, ts.ScriptTarget.ES2022) : getSourceFile.call(host, path, ...rest);
  const program = ts.createProgram([file], options, host);
  const messages = ts
    .getPreEmitDiagnostics(program, program.getSourceFile(file))
    .map(
      ({ start, messageText }) => `${source.slice(0, start).split('\n').length - 3}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  Object.values(wrong).forEach((expected, i) => {
    const found = messages.filter((message) => message.startsWith(`${i}: `)).join('\n');
    expect(found, lines[i]).toContain(expected);
  });
}, 60_000);
