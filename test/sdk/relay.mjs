import net from 'node:net';
import { once } from 'node:events';

/**
 * The network between one client and the server: a TCP relay on a port of its own that can be cut and joined. While it is cut, open connections are
 * gone and new ones are dropped at once, for both HTTP and WebSocket, without the client's or the server's help. It outlives restarts of the server.
 */
export class Relay {
  #listener = null;
  #pairs = new Set();
  #isCut = false;

  static async to(serverPort) {
    const relay = new Relay();
    relay.#listener = net.createServer({ noDelay: true }, near => relay.#carry(near, serverPort));
    relay.#listener.listen(0, '127.0.0.1');
    await once(relay.#listener, 'listening');
    return relay;
  }

  get authority() {
    return `127.0.0.1:${this.#listener.address().port}`;
  }

  /** From now on the open connections carry what the client says, but nothing back. */
  mute() {
    for (const [near, far] of this.#pairs) {
      far.unpipe(near);
      far.resume();
    }
  }

  cut() {
    this.#isCut = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  join() {
    this.#isCut = false;
  }

  /** For good; may be said twice. */
  close() {
    this.cut();
    this.#listener.close();
  }

  #carry(near, serverPort) {
    if (this.#isCut) {
      near.on('error', () => {});
      near.destroy();
      return;
    }
    const far = net.connect({ host: '127.0.0.1', port: serverPort, noDelay: true });
    const pair = [near, far];
    this.#pairs.add(pair);
    const drop = () => {
      this.#pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) socket.on('error', drop).on('close', drop);
    near.pipe(far);
    far.pipe(near);
  }
}
