#!/usr/bin/env bash
# A killed worker leaves a process behind that finishes the job beside the next one.
#
# BullMQ 6.7.0 with ioredis 5.11.1, Redis 7.0, Node 20 on Linux, 2026-11-28. About 40 s. Needs redis-server.
#
# A processor given by its URL runs in a process of its own. When the worker is killed by SIGKILL, as by the system when memory is short, that process goes on. The job stalls, and is given to
# another worker: for as long as it takes two processes run it at once, in one folder, say. What the first one returns is lost.
# `process.once('disconnect', () => process.exit())` in the processor prevents it.
#
# Guessed: the process ends with its worker.
. "$(dirname "$0")/lib.sh"

with_node --ignore-scripts bullmq@6.7.0 ioredis@5.11.1 << 'PROGRAM'
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue, QueueEvents } from 'bullmq';

const port = 16379 + (process.pid % 1000);
const redis = spawn('redis-server', ['--port', String(port), '--save', '', '--bind', '127.0.0.1'], { stdio: 'ignore' });
await once(redis, 'spawn');
// Works for eight seconds, and writes down who does.
writeFileSync('processor.mjs', `
import { appendFileSync } from 'node:fs';
export default async function run() {
  for (let i = 0; i < 80; i++) {
    appendFileSync('log', process.pid + ' ' + Date.now() + '\\n');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  appendFileSync('log', process.pid + ' ' + Date.now() + ' end\\n');
  return process.pid;
}`);
writeFileSync('worker.mjs', `
import { Worker } from 'bullmq';
new Worker('jobs', new URL('./processor.mjs', import.meta.url), { connection: { port: ${port} }, lockDuration: 2000, stalledInterval: 2000 });`);
const connection = { port };
const [queue, events] = [new Queue('jobs', { connection }), new QueueEvents('jobs', { connection })];
const start = () => spawn(process.execPath, ['worker.mjs'], { stdio: 'ignore' });
const first = start();
const job = await queue.add('job', {});
writeFileSync('log', '');
while (!readFileSync('log', 'utf8')) await sleep(20);
first.kill('SIGKILL');
const second = start();
const result = await job.waitUntilFinished(events);
const lines = readFileSync('log', 'utf8').trim().split('\n').map((line) => line.split(' '));
const pids = [...new Set(lines.map(([pid]) => pid))];
const times = (pid) => lines.filter(([who]) => who === pid).map(([, time]) => Number(time));
const [a, b] = pids.map(times);
console.log('processes that worked on the job:', pids.length);
console.log('came to its end:', lines.filter((line) => line[2]).map(([pid]) => pids.indexOf(pid) + 1).join(' and '));
console.log('both at once for more than a second:', a.at(-1) - b[0] > 1000);
console.log('the result is that of process', pids.indexOf(String(result)) + 1);
process.kill(pids[0], 'SIGKILL');
second.kill('SIGKILL');
redis.kill();
process.exit();
PROGRAM

was_seen << 'OUTPUT'
processes that worked on the job: 2
came to its end: 1 and 2
both at once for more than a second: true
the result is that of process 2
OUTPUT
