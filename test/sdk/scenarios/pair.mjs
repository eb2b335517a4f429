import { judgeHistory, peerConversation } from '../history.mjs';
import { equal } from '../report.mjs';
import { eventually } from '../timeline.mjs';

/** Two devices of two users in one conversation, and the texts they were told are stored. */
export class Pair {
  acknowledged = [];

  constructor(one, other) {
    this.one = one;
    this.other = other;
    this.conversation = peerConversation(one.userID, other.userID);
  }

  async say(sender, text) {
    const receiver = sender === this.one ? this.other : this.one;
    const sent = await sender.sendText(text, receiver.userID);
    this.acknowledged.push(text);
    return sent;
  }

  /** A text and its answer, both awaited at the other end, with what must be the same at both. */
  async exchange(text, answer) {
    await this.#deliver(this.one, this.other, text);
    await this.#deliver(this.other, this.one, answer);
  }

  async #deliver(sender, receiver, text) {
    const { now } = receiver.timeline;
    const sent = await this.say(sender, text);
    const told = await receiver.receivesText(text, now);
    equal(
      [told.clientMsgID, told.serverMsgID, told.sendTime, told.sendID, told.recvID, told.seq],
      [sent.clientMsgID, sent.serverMsgID, sent.sendTime, sender.userID, receiver.userID, this.acknowledged.length],
      `what ${receiver.userID} was told (clientMsgID, serverMsgID, sendTime, sendID, recvID, seq)`);
  }

  /** Both ends can read everything that was acknowledged. */
  async historyIsWhole(options) {
    for (const device of [this.one, this.other]) await this.historyIsWholeAt(device, options);
  }

  async historyIsWholeAt(device, options) {
    // No event tells that the echo of an own message has been taken in, so what is not whole yet is read again for a while.
    await eventually(async () => judgeHistory(await device.history(this.conversation), this.acknowledged, options), `history of ${device.userID}`);
  }

  /**
   * One end goes offline, misses messages, comes back, and is told the newest of them.
   * @param {number} failures How often it must have tried to come back before the network is there again. The wasm SDK does not sync at all within five
   *   seconds of the last one; it tries at once and after 1, 3 and 7 seconds, so with three failures the network is back later than that.
   */
  async missAndReturn(missing, present, count, failures) {
    const { now } = missing.timeline;
    missing.relay.cut();
    for (let i = 1; i <= count; i++) await this.say(present, `missed ${i}`);
    await missing.failsToConnect(failures, now);
    equal(missing.timeline.since(now, 'OnRecvNewMessages').length, 0, `what ${missing.userID} was told over a cut network`);
    missing.relay.join();
    await missing.synced(now);
    await missing.receivesText(`missed ${count}`, now);
  }

  /** The server dies right after an acknowledgement; both ends come back by themselves. */
  async surviveKill(server) {
    const points = this.points();
    await this.say(this.one, 'the last words');
    await server.kill();
    await server.start();
    await this.bothBack(points);
  }

  points() {
    return [this.one.timeline.now, this.other.timeline.now];
  }

  /**
   * To the wasm SDK's connecting a sync need not follow (see above): what was missed meanwhile then comes with the next message. The JavaScript SDK always
   * syncs, and miscounts what comes in before it is done.
   */
  async bothBack(points) {
    await Promise.all([this.one, this.other].map((device, i) => device.kind === 'wasm' ? device.timeline.until('OnConnectSuccess', { from: points[i] }) : device.synced(points[i])));
  }
}
