import { Browser } from './clients/browser.mjs';
import { JavaScriptClient } from './clients/javascript.mjs';
import { Relay } from './relay.mjs';

export const IOS = 1, WINDOWS = 3, WEB = 5;

/** Opens devices, each behind a network of its own, and puts away all that are left at the end. */
export class Devices {
  #server;
  #backEnd;
  #onCall;
  #browser = null;
  #left = [];

  /** @param {(kind: string, name: string) => void} onCall Told each function an SDK carried out. */
  constructor(server, backEnd, onCall) {
    this.#server = server;
    this.#backEnd = backEnd;
    this.#onCall = onCall;
  }

  /** A device with the JavaScript SDK, not logged in. */
  async javaScript(userID, platformID = WEB) {
    return this.#keep(new JavaScriptClient(userID, platformID, await Relay.to(this.#server.port)));
  }

  /** A device with the WebAssembly SDK, not logged in. Chromium starts with the first one. */
  async wasm(userID, platformID = WEB) {
    this.#browser ??= Browser.launch();
    const browser = await this.#browser;
    return this.#keep(await browser.open(userID, platformID, await Relay.to(this.#server.port)));
  }

  /** A device with the SDK of that kind, not logged in. */
  open(kind, userID, platformID = WEB) {
    return kind === 'wasm' ? this.wasm(userID, platformID) : this.javaScript(userID, platformID);
  }

  async loggedIn(opening) {
    const device = await opening;
    await device.loginAndSync(await this.tokenFor(device));
    return device;
  }

  /** Each call gives a new token: the devices of one user are told apart by it. */
  tokenFor({ userID, platformID }) {
    return this.#backEnd.tokenFor(userID, platformID);
  }

  /** What the pages had to complain about, mostly requests that went into a cut network. */
  async complaints() {
    return this.#browser ? (await this.#browser).complaints : [];
  }

  async putAway() {
    for (const close of this.#left.reverse()) await close();
    if (this.#browser) await this.#browser.then(browser => browser.close(), () => {});
  }

  #keep(device) {
    device.onCall = name => this.#onCall(device.kind, name);
    this.#left.push(() => device.close());
    return device;
  }
}
