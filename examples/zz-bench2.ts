import { Adam, Conv2d, crossEntropy, Dropout, Flatten, GRU, Linear, MaxPool2d, Random, relu, Sequential, Tensor, TransformerEncoder, Embedding, gelu, tanh, sigmoid, LayerNorm } from 'tapegrad';
import './lib/revectorize.ts';
const random = new Random(1);
const cpu = () => { const u = process.cpuUsage(); return u.user / 1000; };
function time(name: string, f: () => void, n = 5) { f(); f(); const s = performance.now(), c = cpu(); for (let i = 0; i < n; i++) f(); console.log(name, ((performance.now() - s) / n).toFixed(1), 'ms wall', ((cpu() - c) / n).toFixed(1), 'ms user'); }
const which = process.argv[2];
const V = 64, B = 32, T = 64;
const ids = Tensor.of(Array.from({ length: B }, () => Array.from({ length: T }, (_, i) => i % V)), 'int32') as Tensor;
if (which === 'gru') {
  const H = 192;
const e = new Embedding(V, 48, { random }), g = new GRU(48, H, { random }), o = new Linear(H, V, { random });
const m = { e, g, o }; const op = new Adam(m);
time('gru 32x64 h192', () => { op.minimize(() => { const [ys] = g.forward(e.forward(ids)); return crossEntropy(o.forward(ys).reshape([-1, V]), ids.reshape([-1])); }); });
time('gru forward', () => { g.forward(e.forward(ids)); });
} else {
for (const [dropout, activation] of [[0.1, gelu], [0, gelu], [0, relu]] as any) {
const W = 64;
const e = new Embedding(V, W, { random }), g = new TransformerEncoder(2, W, 4, { random, normFirst: true, dropout, rotary: true, activation }), o = new Linear(W, V, { random });
const m = { e, g, o }; const op = new Adam(m);
time('transformer 2x64 32x64 ' + dropout + activation.name, () => { op.minimize(() => { return crossEntropy(o.forward(g.forward(e.forward(ids), { causal: true })).reshape([-1, V]), ids.reshape([-1])); }); }, 4);
}}
