// What onnxruntime computes by the models on standard input, as JSON lines: {model, inputs} to {outputs} or {error}. Its argument says which one: node or web.

import { readFileSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';

const name = `onnxruntime-${process.argv[2]}`;
const ort = await import(name);
ort.env.logLevel = 'fatal';
if (process.argv[2] === 'web') ort.env.wasm.numThreads = 1;

const kinds = { float32: Float32Array, float64: Float64Array, int32: Int32Array };
const base64 = (x) => Buffer.from(x.buffer, x.byteOffset, x.byteLength).toString('base64');

function tensor({ dtype, shape, bytes }) {
  const found = new Uint8Array(Buffer.from(bytes, 'base64'));
  return new ort.Tensor(dtype, new kinds[dtype](found.buffer), shape);
}

async function answer({ model, inputs }) {
  try {
    const session = await ort.InferenceSession.create(Buffer.from(model, 'base64'), {
      logSeverityLevel: 4,
      executionProviders: [process.argv[2] === 'web' ? 'wasm' : 'cpu'],
    });
    const outputs = [];
    for (const given of inputs) {
      const known = Object.entries(given).filter(([key]) => session.inputNames.includes(key));
      const found = await session.run(Object.fromEntries(known.map(([key, x]) => [key, tensor(x)])));
      outputs.push(session.outputNames.map((key) => ({ shape: found[key].dims, dtype: found[key].type, bytes: base64(found[key].data) })));
    }
    await session.release();
    return { outputs };
  } catch (error) {
    return { error: String(error).slice(0, 400) };
  }
}

const write = (object) => writeSync(1, `${JSON.stringify(object)}\n`);
const description = new URL(`./node_modules/${name}/package.json`, import.meta.url);
write({ version: JSON.parse(readFileSync(description, 'utf8')).version });
for await (const line of createInterface({ input: process.stdin })) write(await answer(JSON.parse(line)));
process.exit(); // threads of the runtime would keep it
