import WebSocketOfNode from 'ws';
import { explain } from '../report.mjs';
import { Client } from './client.mjs';

// The SDK takes what a browser has. Node 20 has all of it but this.
globalThis.WebSocket = class extends WebSocketOfNode {
  constructor(url) {
    // Without this, two messages that arrive together are told without the pause in which promises settle: no browser does that.
    super(url, { allowSynchronousEvents: false });
    this.binaryType = 'arraybuffer';
  }
};

// It logs every call and frame, tokens included, and can't be told otherwise before login.
const quiet = () => {};
if (!process.env.SDK_LOG) Object.assign(console, { log: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet, trace: quiet });

// Only this build: the package's default one fails when it has to pull a gap.
const { getSDK, CbEvents } = await import('@openim/client-sdk/lib/index.modern.mjs');

/** The pure JavaScript SDK, in this process. It keeps nothing on disk: an instance is a device just installed. */
export class JavaScriptClient extends Client {
  #sdk = getSDK();

  constructor(userID, platformID, relay) {
    super(userID, platformID, relay);
    for (const event of new Set(Object.values(CbEvents))) this.#sdk.on(event, ({ data, errCode }) => this.timeline.add(event, data ?? { errCode }));
  }

  async call(name, ...args) {
    let answer;
    try {
      answer = await this.#sdk[name](...args);
    } catch (error) {
      throw new Error(`${name}: ${error.errCode ?? ''} ${error.errMsg ?? explain(error)}`);
    }
    return answer.data;
  }

  async close() {
    this.#sdk.wsManager?.close();
    // If its connection has just gone, the SDK comes back once more all the same; it must not find the server.
    this.relay.close();
  }
}
