import WebSocketOfNode from 'ws';
import { explain } from '../report.mjs';
import { CallError, Client } from './client.mjs';
import { readPush } from './pushes.mjs';

const listeners = new Map();

// The SDK takes what a browser has. Node 20 has all of it but this.
globalThis.WebSocket = class extends WebSocketOfNode {
  constructor(url) {
    // Without this, two messages that arrive together are told without the pause in which promises settle: no browser does that.
    super(url, { allowSynchronousEvents: false });
    this.binaryType = 'arraybuffer';
    const onPush = listeners.get(new URL(url).host);
    this.addEventListener('message', ({ data }) => data instanceof ArrayBuffer && readPush(data).forEach(onPush));
  }
};

// For REST calls the SDK passes on the words of a refusal but not its code.
const refusals = new Map();
const fetchOfNode = globalThis.fetch;
globalThis.fetch = async (url, options) => {
  const response = await fetchOfNode(url, options);
  const told = refusals.get(new URL(url).host);
  if (told && response.headers.get('content-type')?.includes('json')) {
    const { errCode, errMsg } = await response.clone().json();
    if (errCode !== 0) told.push({ path: new URL(url).pathname, code: errCode, message: errMsg });
  }
  return response;
};

// It logs every call and frame, tokens included, and can't be told otherwise before login.
const quiet = () => {};
if (!process.env.SDK_LOG) Object.assign(console, { log: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet, trace: quiet });

// Only this build: the package's default one fails when it has to pull a gap.
const { getSDK, CbEvents } = await import('@openim/client-sdk/lib/index.modern.mjs');

const HIDDEN = 10_006;

/** The pure JavaScript SDK, in this process. It keeps nothing on disk: an instance is a device just installed. */
export class JavaScriptClient extends Client {
  #sdk = getSDK();
  #refusals = [];

  constructor(userID, platformID, relay) {
    super(userID, platformID, relay);
    refusals.set(relay.authority, this.#refusals);
    listeners.set(relay.authority, push => this.timeline.add('pushed', push));
    for (const event of new Set(Object.values(CbEvents))) this.#sdk.on(event, ({ data, errCode, errMsg }) => this.timeline.add(event, data ?? { errCode, errMsg }));
  }

  get kind() {
    return 'javascript';
  }

  async invoke(name, ...args) {
    const before = this.#refusals.length;
    let answer;
    try {
      answer = await this.#sdk[name](...args);
    } catch (error) {
      const code = error.errCode === HIDDEN ? this.#refusals.slice(before).at(-1)?.code ?? HIDDEN : error.errCode;
      throw new CallError(name, code, `${code ?? ''} ${error.errMsg ?? explain(error)}`);
    }
    return answer.data;
  }

  async methods() {
    const names = new Set();
    for (let part = this.#sdk; part !== Object.prototype; part = Object.getPrototypeOf(part)) Object.getOwnPropertyNames(part).forEach(name => names.add(name));
    return [...names].filter(name => typeof this.#sdk[name] === 'function').map(name => ({ name, isInCore: true }));
  }

  async close() {
    this.#sdk.wsManager?.close();
    // If its connection has just gone, the SDK comes back once more all the same; it must not find the server.
    this.relay.close();
  }
}
