import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { within } from '../timeline.mjs';
import { CallError, Client } from './client.mjs';

const LOAD_MS = 60_000;
const here = path.dirname(fileURLToPath(import.meta.url));
const sdkFolder = path.join(here, '../node_modules/@openim/wasm-client-sdk');

// Go's loader refuses a .wasm served as anything else.
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.wasm': 'application/wasm' };

/** Chromium and the little web server its pages come from. */
export class Browser {
  #files;
  #chromium;
  complaints = [];

  static async launch() {
    const browser = new Browser();
    browser.#files = createServer((request, response) => serve(request, response).catch(error => response.destroy(error)));
    browser.#files.listen(0, '127.0.0.1');
    await once(browser.#files, 'listening');
    browser.#chromium = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    return browser;
  }

  get version() {
    return this.#chromium.version();
  }

  /** A profile of its own, as far from the others as another machine: nothing is shared but the loopback interface. */
  async open(userID, platformID, relay) {
    const context = await this.#chromium.newContext();
    const client = new WasmClient(userID, platformID, relay, context);
    try {
      await client.load(`http://127.0.0.1:${this.#files.address().port}/`, complaint => this.complaints.push(`${userID}: ${complaint}`));
      return client;
    } catch (error) {
      await context.close();
      throw error;
    }
  }

  async close() {
    await this.#chromium?.close();
    this.#files.closeAllConnections();
    this.#files.close();
  }
}

/** The SDK that is a Go core compiled to WebAssembly with SQLite beside it, in a page. It keeps what it knows in the page's IndexedDB. */
class WasmClient extends Client {
  #context;
  #page;
  /** REST calls of the SDK that the server refused. Many of them the SDK only logs. */
  refusals = [];

  constructor(userID, platformID, relay, context) {
    super(userID, platformID, relay);
    this.#context = context;
  }

  async load(url, complain) {
    await this.#context.exposeFunction('tell', (event, data) => this.timeline.add(event, data));
    this.#page = await this.#context.newPage();
    this.#page.on('pageerror', error => complain(error.message));
    this.#page.on('console', line => {
      if (process.env.SDK_LOG) process.stderr.write(`${this.userID}: ${line.text()}\n`);
      if (line.type() === 'error') complain(line.text());
    });
    this.#page.on('response', response => this.#note(response).catch(() => {}));
    await this.#page.goto(url);
    await within(this.#page.waitForFunction('window.isLoaded'), LOAD_MS, 'the page did not load the SDK');
  }

  get kind() {
    return 'wasm';
  }

  async invoke(name, ...args) {
    const { data, code, error } = await this.#page.evaluate(([name, args]) => window.callSDK(name, args), [name, args]);
    if (error) throw new CallError(name, code, error);
    return data;
  }

  methods() {
    return this.#page.evaluate(() => window.methodsOfSDK());
  }

  async #note(response) {
    if (response.request().method() !== 'POST') return;
    const { errCode, errMsg } = await response.json();
    if (errCode !== 0) this.refusals.push(`${new URL(response.url()).pathname}: ${errCode} ${errMsg}`);
  }

  async close() {
    await this.#context.close();
    this.relay.close();
  }
}

async function serve(request, response) {
  const { pathname } = new URL(request.url, 'http://localhost');
  const file = pathname === '/' ? path.join(here, '../page/index.html')
    : /^\/(lib|assets)\/[\w.-]+$/.test(pathname) ? path.join(sdkFolder, pathname)
    : null;
  const found = file && await stat(file).catch(() => null);
  if (!found) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'Content-Type': TYPES[path.extname(file)] ?? 'application/octet-stream',
    'Content-Length': found.size,
    ETag: `"${found.size}-${found.mtimeMs}"`,
  });
  if (request.method === 'HEAD') response.end();
  else createReadStream(file).pipe(response);
}
