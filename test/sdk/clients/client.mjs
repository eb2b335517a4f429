import { readPages } from '../history.mjs';
import { that } from '../report.mjs';
import { PATIENCE_MS, Timeline, within } from '../timeline.mjs';

export class CallError extends Error {
  constructor(name, code, reason) {
    super(`${name}: ${reason}`);
    this.code = code;
  }
}

/**
 * One user on one device, through an official SDK. The two SDKs offer the same functions and events; what differs is how a function is called.
 * A subclass has `invoke(name, ...args)`, which answers the function's data or throws a CallError, and adds the SDK's events to `timeline`.
 */
export class Client {
  timeline;

  constructor(userID, platformID, relay) {
    this.userID = userID;
    this.platformID = platformID;
    this.relay = relay;
    this.timeline = new Timeline(userID);
  }

  /** Told the name of each function that the SDK carried out. */
  onCall = () => {};

  async call(name, ...args) {
    const answer = await this.invoke(name, ...args);
    this.onCall(name);
    return answer;
  }

  /** Hands the SDK a token; what comes of it is told by events. */
  async login(token) {
    const { authority } = this.relay;
    const addresses = { apiAddr: `http://${authority}`, wsAddr: `ws://${authority}` };
    await within(this.call('login', { userID: this.userID, token, platformID: this.platformID, ...addresses }), PATIENCE_MS, `login of ${this.userID} hung`);
  }

  async loginAndSync(token) {
    const { now } = this.timeline;
    await this.login(token);
    await this.synced(now);
  }

  async synced(from) {
    const { event, data } = await this.timeline.until(['OnSyncServerFinish', 'OnSyncServerFailed'], { from, ms: PATIENCE_MS });
    that(event === 'OnSyncServerFinish', `${this.userID} got OnSyncServerFailed: ${JSON.stringify(data)}`);
  }

  async failsToConnect(times, from) {
    for (let point = from; times > 0; times--) {
      const { index } = await this.timeline.until('OnConnectFailed', { from: point });
      point = index + 1;
    }
  }

  prepare(text) {
    return this.call('createTextMessage', text);
  }

  /** @returns {Promise<any>} The message as the SDK has it after the server's acknowledgement. */
  async send(message, recvID, ms = PATIENCE_MS) {
    return this.#sent({ recvID, groupID: '', message }, ms);
  }

  sendToGroup(message, groupID) {
    return this.#sent({ recvID: '', groupID, message }, PATIENCE_MS);
  }

  /** The server tells it to who is there now and keeps nothing. */
  sendOnlineOnly(message, recvID) {
    return this.#sent({ recvID, groupID: '', message, isOnlineOnly: true }, PATIENCE_MS);
  }

  async #sent(envelope, ms) {
    const sent = await within(this.call('sendMessage', envelope), ms, `${this.userID} got no acknowledgement`);
    that(sent.status === 2 && sent.serverMsgID, `the SDK says after the acknowledgement: status ${sent.status}, serverMsgID "${sent.serverMsgID}"`);
    return sent;
  }

  async sendText(text, recvID) {
    return this.send(await this.prepare(text), recvID);
  }

  async sendTextToGroup(text, groupID) {
    return this.sendToGroup(await this.prepare(text), groupID);
  }

  /** The message as this device was told it, whether it is kept or for who is there only. */
  async receives({ clientMsgID }, from = 0) {
    const has = message => message.clientMsgID === clientMsgID;
    const names = ['OnRecvNewMessages', 'OnRecvOnlineOnlyMessages', 'OnRecvOnlineOnlyMessage'];
    const { data } = await this.timeline.until(names, { from, match: told => [told].flat().some(has) });
    return [data].flat().find(has);
  }

  /** The new-message event that tells of a text, and that message. */
  async receivesText(text, from = 0) {
    const has = message => message.textElem?.content === text;
    const { data } = await this.timeline.until('OnRecvNewMessages', { from, match: messages => messages.some(has) });
    return data.find(has);
  }

  /** Everything the SDK has to tell of a conversation, oldest first, read as an application would: page by page. */
  history(conversationID, pageSize = 20) {
    const read = page => this.call('getAdvancedHistoryMessageList', { ...page, conversationID, viewType: 0 });
    return readPages(page => within(read(page), PATIENCE_MS, `${this.userID} got no page of history`), pageSize);
  }
}
