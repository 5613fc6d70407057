/** Browsers: a local server hands out the page and the bundle, and waits for the page to post its report. */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folder } from './bundle.ts';
import { attempt, type Engine, onPath, reportFrom, versionOf } from './engine.ts';
import type { Report } from './entry.ts';

/** The most milliseconds that a browser may take. */
const PATIENCE = 10 * 60_000;

const files: Readonly<Record<string, readonly [type: string, body: () => string | Buffer]>> = {
  '/': ['text/html', () => '<!doctype html><title>reproduce</title><script type="module" src="entry.mjs"></script>'],
  '/entry.mjs': ['text/javascript', () => readFileSync(join(folder, 'entry.mjs'))],
  '/images.bin': ['application/octet-stream', () => readFileSync(join(folder, 'images.bin'))],
};

/** What a page needs to share memory. */
const ISOLATION = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** A server that calls `told` with the report that a page posts. */
function serve(told: (body: string) => void, isolated: boolean): Promise<Server> {
  const server = createServer((request, response) => {
    if (isolated) for (const [name, value] of Object.entries(ISOLATION)) response.setHeader(name, value);
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (request.method === 'POST') {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.end();
        told(Buffer.concat(chunks).toString());
      });
      return;
    }
    const file = files[pathname];
    if (file) response.setHeader('Content-Type', file[0]).end(file[1]());
    else response.writeHead(404).end();
  });
  return new Promise((ready) => server.listen(0, 'localhost', () => ready(server)));
}

/** What a page is asked to do, after `?`, and whether it may share memory. */
interface Visit {
  readonly search: string;
  readonly isolated?: boolean;
}

/** Opens the page, and closes the browser when the page has posted its report. */
async function visit(
  command: string,
  options: (profile: string) => readonly string[],
  { search, isolated = false }: Visit,
): Promise<Report> {
  const profile = mkdtempSync(join(tmpdir(), 'reproduce-'));
  let told!: (body: string) => void;
  const report = new Promise<string>((resolve) => (told = resolve));
  const server = await serve(told, isolated);
  const url = `http://localhost:${(server.address() as AddressInfo).port}/?${search}`;
  // In a group of its own, so that its children end with it.
  const child = spawn(command, [...options(profile), url], { stdio: 'ignore', detached: true });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let timer: NodeJS.Timeout | undefined;
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code} before the page posted a report`)));
    timer = setTimeout(() => reject(new Error(`${command} posted no report in ${PATIENCE / 60_000} minutes`)), PATIENCE);
  });
  try {
    return reportFrom(await Promise.race([report, failed]));
  } finally {
    clearTimeout(timer);
    if (child.pid && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    await ended;
    server.close();
    server.closeAllConnections();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

const chromiumOptions = (profile: string): readonly string[] => [
  '--headless',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), // which root cannot have
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  `--user-data-dir=${profile}`,
];

function firefoxOptions(profile: string): readonly string[] {
  // No calls home, and no question before the page.
  const settings = {
    'app.normandy.enabled': false,
    'app.update.auto': false,
    'browser.shell.checkDefaultBrowser': false,
    'datareporting.policy.dataSubmissionEnabled': false,
    'extensions.update.enabled': false,
    'toolkit.telemetry.reportingpolicy.firstRun': false,
  };
  writeFileSync(
    join(profile, 'user.js'),
    Object.entries(settings)
      .map(([name, value]) => `user_pref("${name}", ${value});\n`)
      .join(''),
  );
  return ['--headless', '--no-remote', '--profile', profile];
}

function browser(name: string, commands: readonly string[], options: (profile: string) => readonly string[]): Engine | string {
  const command = commands.map(onPath).find(Boolean);
  if (!command) return name;
  return attempt(name, () => ({
    name,
    version: versionOf(command),
    run: (kernels) => visit(command, options, { search: kernels ? '' : 'plain' }),
    runDivided: (threads) => visit(command, options, { search: `threads=${threads}`, isolated: true }),
    runRefused: () => visit(command, options, { search: 'asking=2' }),
  }));
}

/** The browsers that are on PATH; only the name of one that is not. */
export const browsers = (): (Engine | string)[] => [
  browser('Chromium', ['chromium', 'chromium-browser', 'google-chrome'], chromiumOptions),
  browser('Firefox', ['firefox-esr', 'firefox'], firefoxOptions),
];
