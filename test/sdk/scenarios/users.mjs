import { equal, that } from '../report.mjs';
import { nicknameOf } from '../backend.mjs';
import { befriend } from './contacts.mjs';
import { causes, only, refused, sameSet } from './effects.mjs';

/** What a user says of itself, and who is told. */
export function userScenario({ backEnd }, cast) {
  const set = (name, params, expected = params) => causes(() => cast.one.call(name, params),
    [cast.one, cast.second].map(device => [device, 'OnSelfInfoUpdated', self => Object.entries(expected).every(([key, value]) => self[key] === value)]));

  return [`${cast.kind} users`, [
    ['one knows oneself', async () => {
      const self = await cast.one.call('getSelfUserInfo');
      equal([self.userID, self.nickname], [cast.one.userID, nicknameOf(cast.one.userID)], 'the user (id, nickname)');
    }],
    ['and others, but not who does not exist', async () => {
      const found = await cast.one.call('getUsersInfo', [cast.two.userID, cast.bystanders[0], 'nobody-knows']);
      sameSet(found.map(user => user.nickname), [cast.two.userID, cast.bystanders[0]].map(nicknameOf), 'the nicknames of the users found');
    }],
    ['a new name is told to every device, friend and group', async () => {
      const { groupID } = await cast.group([cast.three]);
      await befriend(backEnd, cast.one, cast.two);
      const isNew = user => user.userID === cast.one.userID && user.nickname === 'Uno';
      await causes(() => set('setSelfInfo', { nickname: 'Uno' }), [
        [cast.two, 'OnFriendInfoChanged', isNew],
        [cast.three, 'OnGroupMemberInfoChanged', member => member.groupID === groupID && isNew(member)],
      ]);
    }],
    ['a face and an ex', () => set('setSelfInfo', { faceURL: 'http://127.0.0.1/uno.png', ex: 'first' })],
    ...only(cast.isWasm,
      ['the older name of that function', () => set('SetSelfInfoEx', { ex: 'older' })],
      ['everything received without a sound', async () => {
        await set('setGlobalRecvMessageOpt', 2, { globalRecvMsgOpt: 2 });
        await set('setGlobalRecvMessageOpt', 0, { globalRecvMsgOpt: 0 });
      }]),
    ['who receives nothing is told so to who sends', async () => {
      await set('setSelfInfo', { globalRecvMsgOpt: 1 });
      await refused(() => cast.two.sendText('Anyone?', cast.one.userID), 1001);
      await set('setSelfInfo', { globalRecvMsgOpt: 0 });
      await cast.two.sendText('There you are', cast.one.userID);
    }],
    ['nobody changes another', () => refused(() => backEnd.postAs(cast.two, '/user/update_user_info_ex', { userInfo: { userID: cast.one.userID, nickname: 'Silly' } }), 1002)],
    ['the client\'s configuration', async () => {
      const { configs } = await backEnd.postAs(cast.one, '/user/get_user_client_config', { userID: cast.one.userID });
      that(configs !== null && typeof configs === 'object', `the configuration is ${JSON.stringify(configs)}`);
    }],
    ['a bookmark is kept, changed and taken away', async () => {
      const bookmark = { userID: cast.one.userID, type: 1, uuid: 'b-1' };
      const all = async () => (await backEnd.postAs(cast.one, '/user/process_user_command_get_all', { userID: cast.one.userID })).CommandResp?.map(({ uuid, type, value }) => [uuid, type, value]) ?? [];
      await backEnd.postAs(cast.one, '/user/process_user_command_add', { ...bookmark, value: 'first', ex: '' });
      await backEnd.postAs(cast.one, '/user/process_user_command_update', { ...bookmark, value: 'second' });
      equal(await all(), [['b-1', 1, 'second']], 'the bookmarks');
      await backEnd.postAs(cast.one, '/user/process_user_command_delete', bookmark);
      equal(await all(), [], 'the bookmarks after the last was taken away');
    }],
  ]];
}

/** Who is there, and since when not. */
export function presenceScenario({ devices }, cast) {
  let late;

  const statusOf = list => list.map(({ userID, status }) => [userID, status]);
  const is = status => told => told.userID === cast.bystanders[0] && told.status === status;

  return [`${cast.kind} presence`, [
    ['of a user who was never there', async () => equal(statusOf(await cast.one.call('subscribeUsersStatus', [cast.bystanders[0]])), [[cast.bystanders[0], 0]], 'the status')],
    ['coming is told', () => causes(async () => { late = await devices.loggedIn(devices.javaScript(cast.bystanders[0])); }, [[cast.one, 'OnUserStatusChanged', is(1)]])],
    ...only(!cast.isWasm, ['and known', async () => equal(statusOf(await cast.one.call('getSubscribeUsersStatus')), [[cast.bystanders[0], 1]], 'the status')]),
    ['going is told', () => causes(() => late.call('logout'), [[cast.one, 'OnUserStatusChanged', is(0)]])],
    ['who looks away is not told', async () => {
      await cast.one.call('unsubscribeUsersStatus', [cast.bystanders[0]]);
      const { now } = cast.one.timeline;
      const again = await devices.loggedIn(devices.javaScript(cast.bystanders[0]));
      // The text goes the same way as the news would, behind it.
      await cast.one.receives(await again.sendText('I am back', cast.one.userID), now);
      equal(cast.one.timeline.since(now, 'OnUserStatusChanged').filter(entry => is(1)(entry.data)).length, 0, 'the number of times it was told');
      await again.close();
    }],
    ...only(cast.isWasm,
      ['background and network', async () => {
        await cast.one.call('setAppBackgroundStatus', true);
        await cast.one.call('setAppBackgroundStatus', false);
        await causes(() => cast.one.call('networkStatusChanged'), [[cast.one, 'OnConnectSuccess']]);
      }]),
  ]];
}
