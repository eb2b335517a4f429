import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import { within } from './timeline.mjs';

const READY_MS = 60_000;
const KEPT_LINES = 200;
const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** A Parley of our own: started on a port it chooses, killed without warning, started again on the same port and data. */
export class ParleyServer {
  #child = null;
  #output = [];
  #data;
  #isDisposed = false;
  port = 0;
  secret = randomBytes(32).toString('hex');

  static async create() {
    const server = new ParleyServer();
    server.#data = await mkdtemp(path.join(tmpdir(), 'parley-sdk-'));
    return server;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The last lines it printed, over all its lives. */
  get output() {
    return this.#output.join('\n');
  }

  /** @returns {Promise<number>} Milliseconds until it said that it is ready. */
  async start() {
    // A scenario that is stopped in the middle must not leave a server behind.
    if (this.#isDisposed) throw new Error('the run is over');
    const program = findProgram();
    const [command, args] = program.endsWith('.dll') ? ['dotnet', [program]] : [program, []];
    const began = performance.now();
    const child = spawn(command, [...args, 'serve', '--data', this.#data], {
      cwd: this.#data,
      env: { ...process.env, PARLEY__HTTP__PORT: String(this.port), PARLEY__OPENIM__SECRET: this.secret },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;

    const ready = new Promise((resolve, reject) => {
      this.#keep(child.stdout, line => {
        const port = /^parley ready: http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
        if (port) resolve(Number(port));
      });
      this.#keep(child.stderr, () => {});
      child.once('error', reject);
      child.once('exit', (code, signal) => reject(new Error(`the server ended (${signal ?? `exit code ${code}`}) before it was ready`)));
    });
    const port = await within(ready, READY_MS, 'the server did not say "parley ready: http://127.0.0.1:…"');
    if (this.port !== 0 && port !== this.port) throw new Error(`the server came back on port ${port}, not ${this.port}`);
    this.port = port;
    return Math.round(performance.now() - began);
  }

  /** No farewell: what was acknowledged must be on disk already. */
  async kill() {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  async dispose() {
    this.#isDisposed = true;
    await this.kill();
    await rm(this.#data, { recursive: true, force: true });
  }

  #keep(stream, look) {
    readline.createInterface({ input: stream }).on('line', line => {
      this.#output.push(line);
      if (this.#output.length > KEPT_LINES) this.#output.shift();
      look(line);
    });
  }
}

/** PARLEY_SERVER names a program or a .dll; else the newest build in this repository. */
function findProgram() {
  if (process.env.PARLEY_SERVER) return path.resolve(process.env.PARLEY_SERVER);
  const builds = ['Release', 'Debug']
    .map(configuration => path.join(repository, 'src/Parley.Server/bin', configuration, 'net10.0/Parley.Server.dll'))
    .filter(existsSync)
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (builds.length === 0) throw new Error('the server is not built: dotnet build -c Release src/Parley.Server');
  return builds[0];
}
