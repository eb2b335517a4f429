import { IOS } from '../devices.mjs';
import { peerConversation } from '../history.mjs';
import { equal } from '../report.mjs';
import { eventually, PATIENCE_MS, within } from '../timeline.mjs';
import { befriend, friendsOf } from './contacts.mjs';
import { conversationWith, unreadOf } from './conversations.mjs';
import { causes, only, sameSet, some } from './effects.mjs';

const REVOKED = 2101, DELETED = 4;

/** Everything that can change changes while one device is cut off; then a device is just installed. */
export function absenceScenario({ backEnd, devices }, cast) {
  let conversationID, point, mine, recalled, deleted, newest, kept, joined, left, fresh;

  const groupIDs = async device => (await device.call('getJoinedGroupListPage', { offset: 0, count: 100 })).map(group => group.groupID);
  const live = async device => (await device.history(conversationID)).filter(message => message.status !== DELETED);
  const find = async (device, { clientMsgID }) => (await live(device)).find(message => message.clientMsgID === clientMsgID);
  const tells = async (sender, receiver, text) => {
    const { now } = receiver.timeline;
    return receiver.receives(await sender.sendText(text, receiver.userID), now);
  };
  const settled = (check, what) => eventually(check, `${what} of ${cast.one.userID}`);

  /** Holds a device of the first user to what is true after the absence. The JavaScript SDK does not look back at what was done to messages it has. */
  const knows = async (device, looksBack) => {
    await settled(async () => sameSet(await friendsOf(device), [cast.three.userID], 'the friends'), 'the contacts');
    await settled(async () => {
      const groups = await groupIDs(device);
      equal([groups.includes(kept.groupID), groups.includes(joined.groupID), groups.includes(left.groupID)], [true, true, false], 'whether it lists the group kept, joined and left');
    }, 'the groups');
    await settled(async () => {
      const [group] = await device.call('getSpecifiedGroupsInfo', [kept.groupID]);
      equal([group.groupName, group.memberCount], ['Renamed meanwhile', 2], 'the group kept (name, members)');
      const members = await device.call('getGroupMemberList', { groupID: kept.groupID, filter: 0, offset: 0, count: 20 });
      sameSet(members.map(member => member.userID), [cast.one.userID, cast.three.userID], 'the members of the group kept');
    }, 'the group kept');
    await settled(async () => {
      const conversation = await conversationWith(device, cast.two);
      equal([conversation.isPinned, conversation.ex], [true, 'set meanwhile'], 'the conversation (pinned, ex)');
    }, 'the conversation');
    if (looksBack) {
      await settled(async () => equal((await find(device, recalled))?.contentType, REVOKED, 'the content type of the recalled message'), 'the history');
      await settled(async () => equal(await find(device, deleted), undefined, 'the deleted message'), 'the history');
    }
    await settled(async () => equal((await find(device, newest))?.textElem?.content, 'The newest', 'the newest message'), 'the history');
    await settled(async () => equal(await unreadOf(device, cast.two), 1, 'the number of unread messages'), 'the conversation');
  };

  return [`${cast.kind} absence`, [
    ['how it is before', async () => {
      await befriend(backEnd, cast.one, cast.two);
      kept = await cast.group([cast.two, cast.three], { groupName: 'Kept' });
      left = await backEndGroup(backEnd, cast, 'Left');
      recalled = await tells(cast.two, cast.one, 'Recalled meanwhile');
      deleted = await tells(cast.two, cast.one, 'Deleted meanwhile');
      conversationID = peerConversation(cast.one.userID, cast.two.userID);
      await causes(() => cast.one.call('markConversationMessageAsRead', conversationID), [[cast.two, 'OnRecvC2CReadReceipt']]);
      mine = await tells(cast.one, cast.two, 'Read meanwhile');
    }],
    ['everything changes while a device is away', async () => {
      point = cast.one.timeline.now;
      cast.one.relay.cut();
      await backEnd.post('/friend/import_friend', { ownerUserID: cast.one.userID, friendUserIDs: [cast.three.userID] });
      await cast.second.call('deleteFriend', cast.two.userID);
      await cast.second.call('setGroupInfo', { groupID: kept.groupID, groupName: 'Renamed meanwhile' });
      await cast.two.call('quitGroup', kept.groupID);
      joined = await cast.three.call('createGroup', { memberUserIDs: [cast.one.userID], groupInfo: { groupName: 'Joined meanwhile', groupType: 2 } });
      await cast.three.call('kickGroupMember', { groupID: left.groupID, reason: '', userIDList: [cast.one.userID] });
      await cast.two.call('revokeMessage', { conversationID, clientMsgID: recalled.clientMsgID });
      await cast.two.call('markConversationMessageAsRead', conversationID);
      await backEnd.postAs(cast.second, '/msg/delete_msgs', { conversationID, seqs: [deleted.seq], userID: cast.one.userID, deleteSyncOpt: { IsSyncSelf: true, IsSyncOther: false } });
      await cast.second.call('setConversation', { conversationID, isPinned: true });
      await cast.second.call('setConversation', { conversationID, ex: 'set meanwhile' });
      newest = await cast.two.sendText('The newest', cast.one.userID);
      const news = cast.one.timeline.since(point, 'OnRecvNewMessages');
      equal(news.length, 0, 'how often the device was told something over a cut network');
    }],
    ['it comes back and syncs', async () => {
      // The wasm SDK does not sync within five seconds of its last sync; it tries at once and after 1, 3 and 7 seconds.
      await cast.one.failsToConnect(cast.isWasm ? 3 : 0, point);
      cast.one.relay.join();
      await cast.one.synced(point);
    }],
    ['and knows all of it', () => knows(cast.one, cast.isWasm)],
    ...only(cast.isWasm, ['and that its message was read', () => settled(async () => equal((await find(cast.one, mine))?.isRead, true, 'whether it was read'), 'the history')]),
    ...only(cast.isWasm,
      ['and told of it', async () => {
        const told = (event, match) => cast.one.timeline.until(event, { from: point, match });
        await told('OnFriendAdded', friend => friend.userID === cast.three.userID);
        await told('OnFriendDeleted', friend => friend.userID === cast.two.userID);
        // It fetches messages before lists, and the group with the first message in it: after that it takes the group for known and tells no OnJoinedGroupAdded.
        await told('OnNewConversation', some(conversation => conversation.groupID === joined.groupID));
        await told('OnJoinedGroupDeleted', group => group.groupID === left.groupID);
        await told('OnNewRecvMessageRevoked', revoked => revoked.clientMsgID === recalled.clientMsgID);
      }]),
    ['a device just installed knows all of it', async () => {
      fresh = await devices.loggedIn(devices.open(cast.kind, cast.one.userID, IOS));
      await knows(fresh, true);
      const self = await fresh.call('getSelfUserInfo');
      equal(self.userID, cast.one.userID, 'who it is');
    }],
    ['and leaves for good', async () => {
      equal(await fresh.call('getLoginStatus'), 3, 'the status before');
      await within(fresh.call('logout'), PATIENCE_MS, 'the logout hung');
      equal(await fresh.call('getLoginStatus'), 1, 'the status after');
      await fresh.close();
    }],
  ]];
}

/** A group of the third user's with the first in it. */
function backEndGroup(backEnd, cast, groupName) {
  return causes(async () => (await backEnd.post('/group/create_group', {
    ownerUserID: cast.three.userID, memberUserIDs: [cast.one.userID], adminUserIDs: [], groupInfo: { groupName, groupType: 2 },
  })).groupInfo, [[cast.one, 'OnJoinedGroupAdded', group => group.groupName === groupName], [cast.three, 'OnJoinedGroupAdded', group => group.groupName === groupName]]);
}
