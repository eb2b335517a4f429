import { BackEnd, nicknameOf, ProtocolError } from '../backend.mjs';
import { equal, that } from '../report.mjs';

/** The back-end API, as far as the other scenarios stand on it. */
export function backEndScenario({ server, backEnd }, users) {
  return ['back end', [
    ['an administrator token for the secret', () => backEnd.signIn()],
    ['no token for another secret', async () => {
      const stranger = new BackEnd({ url: server.url, secret: 'not-the-secret-not-the-secret-not' });
      const refusal = await stranger.signIn().then(() => null, error => error);
      that(refusal instanceof ProtocolError, `the answer was ${refusal ?? 'a token'}`);
    }],
    ['users are registered', async () => {
      await backEnd.register(...users);
      const { usersInfo } = await backEnd.post('/user/get_users_info', { userIDs: users });
      const inOrder = list => list.map(({ userID, nickname }) => ({ userID, nickname })).sort((a, b) => (a.userID < b.userID ? -1 : 1));
      equal(inOrder(usersInfo), inOrder(users.map(userID => ({ userID, nickname: nicknameOf(userID) }))), 'the list of users');
    }],
  ]];
}
