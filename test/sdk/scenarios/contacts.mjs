import { equal, that } from '../report.mjs';
import { eventually } from '../timeline.mjs';
import { causes, only, refused, sameSet } from './effects.mjs';

const UNHANDLED = 0, REFUSED = -1;
const names = list => list.map(item => item.userID);

const isBetween = (fromUserID, toUserID) => application => application.fromUserID === fromUserID && application.toUserID === toUserID;
const isUser = userID => item => item.userID === userID;

export async function friendsOf(device) {
  return names(await device.call('getFriendListPage', { offset: 0, count: 100 }));
}

/** Friends on both sides, whatever they were before. */
export async function befriend(backEnd, one, other) {
  const lists = async (device, friend) => (await friendsOf(device)).includes(friend.userID);
  if (await lists(one, other) && await lists(other, one)) return;
  await backEnd.post('/friend/import_friend', { ownerUserID: one.userID, friendUserIDs: [other.userID] });
  await eventually(async () => that(await lists(one, other) && await lists(other, one), 'one does not list the other'), 'the imported friends');
}

/** The same function takes other parameters in the two SDKs. */
const specified = (device, userIDs) => device.call('getSpecifiedFriendsInfo', device.kind === 'wasm' ? { friendUserIDList: userIDs, filterBlack: false } : userIDs);
const blacklist = async device => names(device.kind === 'wasm' ? await device.call('getBlackList') : await device.call('getBlackList', { offset: 0, count: 100 }));

/** Asking, refusing, accepting, ending. */
export function friendScenario(_, cast) {
  const asks = () => cast.one.call('addFriend', { toUserID: cast.two.userID, reqMsg: 'Friends?' });
  const answers = (name, handleMsg) => () => cast.two.call(name, { toUserID: cast.one.userID, handleMsg });
  const isIt = application => isBetween(cast.one.userID, cast.two.userID)(application);
  const lists = async handleResult => {
    const page = { offset: 0, count: 20 };
    const sent = await cast.one.call('getFriendApplicationListAsApplicant', page);
    const received = await cast.two.call('getFriendApplicationListAsRecipient', { ...page, handleResults: [] });
    for (const list of [sent, received]) equal(list.filter(isIt).map(one => [one.handleResult, one.reqMsg]), [[handleResult, 'Friends?']], 'the application in a list');
  };
  const friendship = async (device, other) => (await device.call('checkFriend', [other.userID])).map(({ userID, result }) => [userID, result]);

  return [`${cast.kind} contacts, friends`, [
    ['an application is told', async () => {
      equal(await friendsOf(cast.two), [], 'the friends before');
      await causes(asks, [[cast.two, 'OnFriendApplicationAdded', isIt]]);
    }],
    ['both sides list it, open', () => lists(UNHANDLED)],
    ...only(cast.isWasm, ['and it counts as unhandled', async () => equal(await cast.two.call('getFriendApplicationUnhandledCount', { time: 0 }), 1, 'the number of unhandled applications')]),
    ['the applicant is told of a refusal, on every device', () => causes(answers('refuseFriendApplication', 'No'),
      [cast.one, cast.second].map(device => [device, 'OnFriendApplicationRejected', application => isIt(application) && application.handleMsg === 'No']))],
    ['both sides list it, refused', async () => {
      await lists(REFUSED);
      equal(await friendsOf(cast.one), [], 'the friends after the refusal');
    }],
    ...only(cast.isWasm, ['and nothing is unhandled', async () => equal(await cast.two.call('getFriendApplicationUnhandledCount', { time: 0 }), 0, 'the number of unhandled applications')]),
    ['who asks again and is accepted has a friend, on every device', async () => {
      await causes(asks, [[cast.two, 'OnFriendApplicationAdded', isIt]]);
      await causes(answers('acceptFriendApplication', 'Yes'), [
        ...[cast.one, cast.second].flatMap(device => [[device, 'OnFriendApplicationAccepted', isIt], [device, 'OnFriendAdded', isUser(cast.two.userID)]]),
        [cast.two, 'OnFriendAdded', isUser(cast.one.userID)],
      ]);
    }],
    ['both are in the other\'s list', async () => {
      sameSet(await friendsOf(cast.one), [cast.two.userID], 'the friends of the applicant');
      sameSet(await friendsOf(cast.second), [cast.two.userID], 'the same on the other device');
      sameSet(await friendsOf(cast.two), [cast.one.userID], 'the friends of the other');
      equal(await friendship(cast.one, cast.two), [[cast.two.userID, 1]], 'whether they are friends');
      equal(await friendship(cast.one, cast.three), [[cast.three.userID, 0]], 'whether a stranger is a friend');
      sameSet(names(await specified(cast.one, [cast.two.userID])), [cast.two.userID], 'the friend, asked for by id');
    }],
    ['nobody befriends themselves', () => refused(() => cast.one.call('addFriend', { toUserID: cast.one.userID, reqMsg: '' }), 1301, 1001)],
    ['an application is answered once', () => refused(answers('acceptFriendApplication', ''), 1305, 1304, 1004)],
    ['a remark, a pin and an ex', async () => {
      for (const change of [{ remark: 'My second' }, { isPinned: true }, { ex: 'met in May' }]) {
        const [[key, value]] = Object.entries(change);
        await causes(() => cast.one.call('updateFriends', { friendUserIDs: [cast.two.userID], ...change }),
          [cast.one, cast.second].map(device => [device, 'OnFriendInfoChanged', friend => isUser(cast.two.userID)(friend) && friend[key] === value]));
      }
      const [friend] = await specified(cast.one, [cast.two.userID]);
      equal([friend.remark, friend.isPinned, friend.ex], ['My second', true, 'met in May'], 'the friend (remark, pin, ex)');
    }],
    ...only(cast.isWasm,
      ['the older names of that function', async () => {
        const told = (key, value) => [[cast.second, 'OnFriendInfoChanged', friend => isUser(cast.two.userID)(friend) && friend[key] === value]];
        await causes(() => cast.one.call('setFriendRemark', { toUserID: cast.two.userID, remark: 'Old friend' }), told('remark', 'Old friend'));
        await causes(() => cast.one.call('pinFriends', { toUserIDs: [cast.two.userID], isPinned: false }), told('isPinned', false));
      }],
      ['friends at once and by a word', async () => {
        sameSet(names(await cast.one.call('getFriendList', false)), [cast.two.userID], 'the friends');
        const words = { keywordList: ['Old'], isSearchUserID: false, isSearchNickname: false, isSearchRemark: true };
        sameSet(names(await cast.one.call('searchFriends', words)), [cast.two.userID], 'the friends found');
      }]),
    ['a friend is deleted on one side, on every device of it', async () => {
      await causes(() => cast.one.call('deleteFriend', cast.two.userID), [cast.one, cast.second].map(device => [device, 'OnFriendDeleted', isUser(cast.two.userID)]));
      equal(await friendsOf(cast.one), [], 'the friends of who deleted');
      sameSet(await friendsOf(cast.two), [cast.one.userID], 'the friends of the other');
    }],
  ]];
}

/** Who is on the list does not get through. */
export function blacklistScenario({ backEnd }, cast) {
  return [`${cast.kind} contacts, blacklist`, [
    ['an entry is told to every device of its owner', async () => {
      await causes(() => cast.one.call('addBlack', { toUserID: cast.three.userID, ex: '' }), [cast.one, cast.second].map(device => [device, 'OnBlackAdded', isUser(cast.three.userID)]));
      for (const device of [cast.one, cast.second]) sameSet(await blacklist(device), [cast.three.userID], 'the blacklist');
    }],
    ['who is on it can\'t send', () => refused(() => cast.three.sendText('Hello?', cast.one.userID), 1302)],
    ['who is on it can\'t apply', () => refused(() => cast.three.call('addFriend', { toUserID: cast.one.userID, reqMsg: '' }), 1302)],
    ['nobody else changes it', () => refused(() => backEnd.postAs(cast.three, '/friend/remove_black', { ownerUserID: cast.one.userID, blackUserID: cast.three.userID }), 1002)],
    ['who is taken off can send', async () => {
      await causes(() => cast.one.call('removeBlack', cast.three.userID), [cast.one, cast.second].map(device => [device, 'OnBlackDeleted', isUser(cast.three.userID)]));
      const { now } = cast.one.timeline;
      const sent = await cast.three.sendText('Hello again', cast.one.userID);
      await cast.one.receives(sent, now);
      that(!(await blacklist(cast.one)).includes(cast.three.userID), 'the entry is still there');
    }],
  ]];
}
