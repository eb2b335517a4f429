import { readPages } from '../history.mjs';
import { that } from '../report.mjs';
import { Timeline, within } from '../timeline.mjs';

const SEND_MS = 15_000;
const LOGIN_MS = 40_000;

/**
 * One user on one device, through an official SDK. The two SDKs offer the same functions and events; what differs is how a function is called.
 * A subclass has `call(name, ...args)`, which answers the function's data, and adds the SDK's events to `timeline`.
 */
export class Client {
  timeline;

  constructor(userID, platformID, relay) {
    this.userID = userID;
    this.platformID = platformID;
    this.relay = relay;
    this.timeline = new Timeline(userID);
  }

  /** Hands the SDK a token; what comes of it is told by events. */
  async login(token) {
    const { authority } = this.relay;
    const addresses = { apiAddr: `http://${authority}`, wsAddr: `ws://${authority}` };
    await within(this.call('login', { userID: this.userID, token, platformID: this.platformID, ...addresses }), LOGIN_MS, `login of ${this.userID} hung`);
  }

  async loginAndSync(token) {
    const { now } = this.timeline;
    await this.login(token);
    await this.synced(now);
  }

  async synced(from) {
    const { index } = await this.timeline.until('OnSyncServerFinish', { from, ms: LOGIN_MS });
    const failed = this.timeline.since(from, 'OnSyncServerFailed').filter(entry => entry.index < index);
    that(failed.length === 0, `${this.userID} got OnSyncServerFailed before OnSyncServerFinish: ${JSON.stringify(failed[0]?.data)}`);
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
  async send(message, recvID, ms = SEND_MS) {
    const sent = await within(this.call('sendMessage', { recvID, groupID: '', message }), ms, `${this.userID} got no acknowledgement`);
    that(sent.status === 2 && sent.serverMsgID, `the SDK says after the acknowledgement: status ${sent.status}, serverMsgID "${sent.serverMsgID}"`);
    return sent;
  }

  async sendText(text, recvID) {
    return this.send(await this.prepare(text), recvID);
  }

  /** The new-message event that tells of a text, and that message. */
  async receivesText(text, from = 0) {
    const has = message => message.textElem?.content === text;
    const { data } = await this.timeline.until('OnRecvNewMessages', { from, match: messages => messages.some(has) });
    return data.find(has);
  }

  /** Everything the SDK has to tell of a conversation, oldest first, read as an application would: page by page. */
  history(conversationID, pageSize = 20) {
    return readPages(page => this.call('getAdvancedHistoryMessageList', { ...page, conversationID, viewType: 0 }), pageSize);
  }
}
