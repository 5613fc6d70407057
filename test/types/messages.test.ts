/** What a user reads where shapes do not fit: the compiler's own message must say which sizes. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, test } from 'vitest';

const wrong = {
  'a.matmul(Tensor.zeros([4, 5]))': 'matmul: inner sizes 3 and 4 differ',
  'a.add(Tensor.zeros([4]))': 'sizes 3 and 4 do not broadcast',
  'a.where(a, a).add(a).matmul(a.transpose()).item().shape': "Property 'shape' does not exist on type 'number'",
  'new Linear(784, 10).forward(Tensor.zeros([64, 100]))': '"expected a last axis of 784, got 100"',
  "new SoftmaxCrossEntropy().forward(Tensor.zeros([64, 10]), Tensor.zeros([32], 'int32'))": "Type '32' is not assignable to type '64'",
  'new SoftmaxCrossEntropy().forward(Tensor.zeros([64, 10]), Tensor.zeros([64, 12]))':
    "'Tensor<[64, 12]>' is not assignable to parameter of type 'Targets<64, 10>'",
  'Tensor.zeros([2, 3, 4]).mul(Tensor.zeros([2, 4]))': 'sizes 3 and 2 do not broadcast',
  'a.transpose().matmul(Tensor.zeros([3, 2]))': 'matmul: inner sizes 2 and 3 differ',
  'a.sum(0).add(Tensor.zeros([2]))': 'sizes 3 and 2 do not broadcast',
  'a.add([1, 2, 3])': "Argument of type 'number[]' is not assignable",
  "Tensor.zeros([2], 'float16')": "Argument of type '\"float16\"' is not assignable to parameter of type 'DtypeOptions | undefined'",
  'grad((x: Tensor<[2, 3]>) => x.sum())(Tensor.zeros([3]))': "Type '[3]' is not assignable to type '[2, 3]'",
  'new SGD(new Linear(2, 3), { lr: 0.1 })': "'lr' does not exist in type 'SGDOptions'",
  'new Sequential(new Linear(784, 300), relu, new Linear(200, 10))': '"layers.2 expects a width of 200, got 300"',
  'new Sequential(new Linear(784, 300)).forward(Tensor.zeros([64, 100]))': '"expected a last axis of 784, got 100"',
  'new SGD(new Linear(2, 3), {})': "Property 'learningRate' is missing in type '{}'",
  "new SoftmaxCrossEntropy({ reduction: 'average' })": "Type '\"average\"' is not assignable to type 'Reduction | undefined'",
  'a.data = new Float32Array(6)': "Cannot assign to 'data' because it is a read-only property",
};

/** What the compiler says of each line, all compiled as one program. */
function compile(lines: readonly string[]): string[] {
  const file = join(process.cwd(), 'test/types/snippets.ts');
  const head = `import { grad, Linear, relu, Sequential, SGD, SoftmaxCrossEntropy, Tensor } from '../../src/index.ts';\nconst a = Tensor.zeros([2, 3]);\n`;
  const source = head + lines.map((code, i) => (code.includes(' = ') ? `${code};` : `export const _${i} = ${code};`)).join('\n');
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
  const messages = lines.map(() => '');
  for (const { start, messageText } of ts.getPreEmitDiagnostics(program, program.getSourceFile(file)))
    messages[source.slice(0, start).split('\n').length - 3] += ts.flattenDiagnosticMessageText(messageText, '\n');
  return messages;
}

describe('the compiler says what does not fit', () => {
  let messages: Record<string, string> = {};
  beforeAll(() => {
    const lines = Object.keys(wrong);
    messages = Object.fromEntries(compile(lines).map((message, i) => [lines[i], message]));
  }, 60_000);

  test.each(Object.entries(wrong))('of %s', (code, expected) => {
    expect(messages[code]).toContain(expected);
  });
});
