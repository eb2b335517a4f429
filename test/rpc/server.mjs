import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';

const READY_MS = 60_000;
export const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** A Parley of our own on free ports: one for HTTP/1.1, one for HTTP/2 in clear text. */
export class ParleyServer {
  #child;
  #data;
  output = '';
  secret = randomBytes(32).toString('hex');

  static async start() {
    const server = new ParleyServer();
    await server.#start();
    return server;
  }

  async #start() {
    this.#data = await mkdtemp(path.join(tmpdir(), 'parley-rpc-'));
    const program = findProgram();
    const [command, args] = program.endsWith('.dll') ? ['dotnet', [program]] : [program, []];
    this.#child = spawn(command, [...args, 'serve', '--data', this.#data], {
      cwd: this.#data,
      env: { ...process.env, PARLEY__HTTP__PORT: '0', PARLEY__HTTP__HTTP2PORT: '0', PARLEY__OPENIM__SECRET: this.secret },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stderr.on('data', text => { this.output += text; });
    const ready = new Promise((resolve, reject) => {
      readline.createInterface({ input: this.#child.stdout }).on('line', line => {
        const found = /^parley ready: (http:\S+) .* http2 (http:\S+)$/.exec(line);
        if (found) resolve(found.slice(1));
      });
      this.#child.once('error', reject);
      this.#child.once('exit', code => reject(new Error(`the server ended with ${code} before it was ready`)));
      setTimeout(() => reject(new Error('the server was not ready in time')), READY_MS).unref();
    });
    [this.url, this.http2Url] = await ready;
  }

  async dispose() {
    if (this.#child?.exitCode === null) {
      const exit = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await exit;
    }
    await rm(this.#data, { recursive: true, force: true });
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
