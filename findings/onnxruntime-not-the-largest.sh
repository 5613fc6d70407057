#!/usr/bin/env bash
# The largest of eight numbers, one of them NaN, is one that is neither NaN nor the largest.
#
# onnxruntime-node 1.30.0 and onnxruntime-web 1.30.0 in Node, x64, 2026-11-28. About 30 s.
#
# ReduceMax of [0, NaN, 2, 3, 4, 5, 6, 7] is 6 in the native build, and so with the NaN at the place of the 3: the NaN takes the 7 with it, with which it happens to be
# compared. Whether it does depends on its place and on the length. The build for browsers, of the same version, gives 7, as if the NaN were not there. Both give NaN where it comes
# first.
#
# Guessed: NaN, or 7, the largest of the others; and the same from both builds.
. "$(dirname "$0")/lib.sh"

with_node --ignore-scripts onnxruntime-node@1.30.0 onnxruntime-web@1.30.0 << 'PROGRAM'
// y = ReduceMax(a), opset 17, float32 [any], as onnx.helper makes it.
const model = Buffer.from('CAg6UAovCgFhEgF5IglSZWR1Y2VNYXgqCwoEYXhlc0AAoAEHKg8KCGtlZXBkaW1zGACgAQISCVJlZHVjZU1heFoNCgFhEggKBggBEgIKAGIDCgF5QgQKABAR', 'base64');
for (const build of ['node', 'web']) {
  const ort = await import(`onnxruntime-${build}`);
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 4 });
  for (const length of [4, 8, 17]) {
    const found = [];
    for (let place = 0; place < length; place++) {
      const a = Float32Array.from({ length }, (_, i) => (i === place ? NaN : i));
      const { y } = await session.run({ a: new ort.Tensor('float32', a, [length]) });
      found.push(y.data[0]);
    }
    console.log(`${build}: the largest of 0 to ${length - 1}, with NaN at each place in turn: ${found.join(' ')}`);
  }
}
process.exit();
PROGRAM

was_seen << 'OUTPUT'
node: the largest of 0 to 3, with NaN at each place in turn: NaN 2 3 2
node: the largest of 0 to 7, with NaN at each place in turn: NaN 6 7 6 7 7 7 6
node: the largest of 0 to 16, with NaN at each place in turn: NaN 16 16 16 16 16 16 16 16 16 16 16 16 16 16 16 15
web: the largest of 0 to 3, with NaN at each place in turn: NaN 3 3 2
web: the largest of 0 to 7, with NaN at each place in turn: NaN 7 7 7 7 7 7 6
web: the largest of 0 to 16, with NaN at each place in turn: NaN 16 16 16 16 16 16 16 16 16 16 16 16 16 16 16 15
OUTPUT
