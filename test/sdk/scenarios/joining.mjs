import { equal, that } from '../report.mjs';
import { eventually } from '../timeline.mjs';
import { causes, only, refused } from './effects.mjs';
import { isGroup, isMember } from './groups.mjs';

const NEEDS_APPROVAL = 0, ALL_NEED_APPROVAL = 1, OPEN = 2;
const UNHANDLED = 0, AGREED = 1, REFUSED = -1;
const BY_SEARCH = 3;

/** The three ways into a group. */
export function joiningScenario(_, cast) {
  let open, closed;

  const asks = (groupID, device = cast.three) => () => device.call('joinGroup', { groupID, reqMsg: 'May I?', joinSource: BY_SEARCH, ex: '' });
  const isFrom = userID => groupID => application => application.groupID === groupID && application.userID === userID;
  const isThrees = groupID => isFrom(cast.three.userID)(groupID);
  const received = async groupID => (await cast.one.call('getGroupApplicationListAsRecipient', { offset: 0, count: 50, groupID: [], handleResults: [] })).filter(one => one.groupID === groupID);
  const sent = async groupID => (await cast.three.call('getGroupApplicationListAsApplicant', { offset: 0, count: 50, groupID: [], handleResults: [] })).filter(one => one.groupID === groupID);
  const unhandled = () => cast.one.call('getGroupApplicationUnhandledCount', { time: 0 });

  return [`${cast.kind} groups, joining`, [
    ['an open group lets anyone in', async () => {
      open = await cast.group([cast.two], { groupName: 'Open', needVerification: OPEN });
      await causes(asks(open.groupID), [
        [cast.three, 'OnJoinedGroupAdded', isGroup(open.groupID)],
        ...[cast.one, cast.second, cast.two].map(device => [device, 'OnGroupMemberAdded', isMember(open.groupID, cast.three.userID)]),
      ]);
    }],
    ['a group that does not exist', () => refused(asks('no-such-group'), 1201, 1004)],
    ['an application to a closed group is told to its owner', async () => {
      closed = await cast.group([cast.two], { groupName: 'Closed', needVerification: NEEDS_APPROVAL });
      await causes(asks(closed.groupID), [cast.one, cast.second].map(device => [device, 'OnGroupApplicationAdded', isThrees(closed.groupID)]));
      equal(await cast.three.call('isJoinGroup', closed.groupID), false, 'whether the applicant is in');
    }],
    ['both sides list it, open', async () => {
      for (const [list, side] of [[await received(closed.groupID), 'owner'], [await sent(closed.groupID), 'applicant']]) {
        equal(list.map(({ userID, handleResult, reqMsg, joinSource }) => [userID, handleResult, reqMsg, joinSource]), [[cast.three.userID, UNHANDLED, 'May I?', BY_SEARCH]], `the list of the ${side}`);
      }
    }],
    ...only(cast.isWasm, ['and it counts as unhandled', async () => equal(await unhandled(), 1, 'the number of unhandled applications')]),
    ['a member may not answer it', () => refused(() => cast.two.call('refuseGroupApplication', { groupID: closed.groupID, fromUserID: cast.three.userID, handleMsg: '' }), 1002)],
    ['the applicant is told of a refusal', async () => {
      await causes(() => cast.one.call('refuseGroupApplication', { groupID: closed.groupID, fromUserID: cast.three.userID, handleMsg: 'Not now' }),
        [[cast.three, 'OnGroupApplicationRejected', application => isThrees(closed.groupID)(application) && application.handledMsg === 'Not now']]);
      equal((await sent(closed.groupID)).map(one => one.handleResult), [REFUSED], 'the applicant\'s list');
    }],
    ...only(cast.isWasm, ['and nothing is unhandled', async () => equal(await unhandled(), 0, 'the number of unhandled applications')]),
    ['who asks again and is accepted is in', async () => {
      await causes(asks(closed.groupID), [[cast.one, 'OnGroupApplicationAdded', isThrees(closed.groupID)]]);
      await causes(() => cast.one.call('acceptGroupApplication', { groupID: closed.groupID, fromUserID: cast.three.userID, handleMsg: 'Welcome' }), [
        [cast.three, 'OnGroupApplicationAccepted', isThrees(closed.groupID)],
        [cast.three, 'OnJoinedGroupAdded', isGroup(closed.groupID)],
        ...[cast.one, cast.second, cast.two].map(device => [device, 'OnGroupMemberAdded', isMember(closed.groupID, cast.three.userID)]),
      ]);
      that((await received(closed.groupID)).some(one => one.handleResult === AGREED), 'the owner\'s list has no accepted application');
    }],
    ['an application is answered once', () => refused(() => cast.one.call('acceptGroupApplication', { groupID: closed.groupID, fromUserID: cast.three.userID, handleMsg: '' }), 1206)],
    ['an invitation by a member waits where everyone needs approval', async () => {
      const guarded = await cast.group([cast.two], { groupName: 'Guarded', needVerification: ALL_NEED_APPROVAL });
      await causes(() => cast.two.call('inviteUserToGroup', { groupID: guarded.groupID, reason: 'a friend', userIDList: [cast.three.userID] }),
        [[cast.one, 'OnGroupApplicationAdded', isThrees(guarded.groupID)]]);
      equal(await cast.three.call('isJoinGroup', guarded.groupID), false, 'whether the invited user is in');
      await causes(() => cast.one.call('acceptGroupApplication', { groupID: guarded.groupID, fromUserID: cast.three.userID, handleMsg: '' }), [[cast.three, 'OnJoinedGroupAdded', isGroup(guarded.groupID)]]);
      await eventually(async () => {
        const [member] = await cast.one.call('getSpecifiedGroupMembersInfo', { groupID: guarded.groupID, userIDList: [cast.three.userID] });
        equal(member?.inviterUserID, cast.two.userID, 'the inviter');
      }, 'the new member');
    }],
  ]];
}
