import { randomUUID } from 'node:crypto';

const REQUEST_MS = 30_000;

export class ProtocolError extends Error {
  constructor(path, code, message) {
    super(`${path} answered ${code} ${message}`);
    this.code = code;
  }
}

/** What an application's own server does: registers users and fetches tokens for them. */
export class BackEnd {
  #server;
  #token = '';

  constructor(server) {
    this.#server = server;
  }

  async signIn() {
    const { token } = await this.post('/auth/get_admin_token', { secret: this.#server.secret, userID: 'imAdmin' });
    this.#token = token;
  }

  register(...userIDs) {
    return this.post('/user/user_register', { users: userIDs.map(userID => ({ userID, nickname: nicknameOf(userID), faceURL: '' })) });
  }

  async tokenFor(userID, platformID) {
    const { token } = await this.post('/auth/get_user_token', { userID, platformID });
    return token;
  }

  /** A call past the SDK, as one device of a user could make it. */
  async postAs({ userID, platformID }, path, body) {
    return this.post(path, body, await this.tokenFor(userID, platformID));
  }

  async post(path, body, token = this.#token) {
    const response = await fetch(this.#server.url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', operationID: randomUUID(), ...(token && { token }) },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    if (response.status !== 200) throw new Error(`${path} answered HTTP ${response.status}`);
    const { errCode, errMsg, data } = await response.json();
    if (errCode !== 0) throw new ProtocolError(path, errCode, errMsg);
    return data;
  }
}

export const nicknameOf = userID => `Nick of ${userID}`;
