import { gzipSync } from 'node:zlib';
import { createServer } from 'node:http';
import { mnist } from './src/datasets/index.ts';
const images = (count: number, rest = 0) => Buffer.concat([Uint8Array.of(0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 2), Buffer.alloc(4*count), Buffer.alloc(rest)]);
const labels = (n: number) => Uint8Array.of(0, 0, 8, 1, 0, 0, 0, n, ...Array(n).fill(1));
const good = { trainImages: images(20), trainLabels: labels(20), testImages: images(4), testLabels: labels(4) };
const t = async (name: string, f: () => Promise<unknown>) => { const s = performance.now(); const r0 = process.memoryUsage().rss; try { await f(); console.log(name, 'ok'); } catch (e: any) { console.log(name, '→', e.name, e.message); } console.log('   ', (performance.now() - s | 0), 'ms', (process.memoryUsage().rss - r0) / 1e6 | 0, 'MB'); };
const bomb = gzipSync(images(20, 700e6));
console.log(bomb.length);
await t('bomb verify', () => mnist({ ...good, trainImages: bomb }));
await t('bomb', () => mnist({ ...good, trainImages: bomb }, { verify: false }));
const server = createServer((q, r) => {
  const u = q.url!;
  if (u.startsWith('/silent/')) return;
  if (u.startsWith('/stall/')) { r.writeHead(200, { 'content-length': 1000 }); r.write(labels(20).subarray(0, 6)); return; }
  if (u.startsWith('/cut/')) { r.writeHead(200, { 'content-length': 1000 }); r.write(gzipSync(labels(20)).subarray(0, 12)); setTimeout(() => r.destroy(), 50); return; }
  if (u.startsWith('/endless/')) { r.writeHead(200); r.write(labels(20)); const go = () => { while (r.write(Buffer.alloc(65536))); r.once('drain', go); }; go(); return; }
  if (u.startsWith('/bomb/')) { r.end(bomb); return; }
  if (u.startsWith('/page/')) { r.writeHead(200, { 'content-type': 'text/html' }); r.end('<!doctype html>'); return; }
  if (u.startsWith('/500/')) { r.writeHead(500); r.end('<!doctype html>'); return; }
  r.writeHead(404).end();
});
await new Promise<void>((k) => server.listen(0, '127.0.0.1', k));
const url = `http://127.0.0.1:${(server.address() as any).port}`;
for (const p of ['silent', 'stall', 'cut', 'endless', 'bomb', 'page', '500', 'none']) for (const verify of [true, false]) await t(p, () => mnist(`${url}/${p}/`, { cache: false, timeout: 300, verify }));
await t('signal', () => mnist(`${url}/stall/`, { cache: false, signal: AbortSignal.timeout(100) }));
await t('signal', () => mnist(`${url}/stall/`, { cache: false, signal: AbortSignal.abort(new Error('mine')) }));
await t('dns', () => mnist(`http://nowhere.invalid/`, { cache: false }));
await t('garbage', () => mnist(5 as any)); await t('garbage', () => mnist('http://')); await t('garbage', () => mnist(null as any)); await t('g', () => mnist('')); await t('g', () => mnist({} as any));
await t('g', () => mnist([] as any)); await t('g', () => mnist(new Uint8Array(3) as any)); await t('dir', () => mnist('/nowhere/'));await t('dir', () => mnist(new URL('file:///nowhere/')));
await t('g', () => mnist(good, {cache: 5} as any)); await t('g', () => mnist(good, {signal: 5} as any));await t('g', () => mnist({...good, testLabels: new ArrayBuffer(3)} as any));
await t('ftp', () => mnist('ftp://x/' ));await t('ftp', () => mnist(new URL('ftp://x/') ));
server.closeAllConnections(); server.close();
