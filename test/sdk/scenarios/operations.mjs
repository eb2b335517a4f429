import { IOS } from '../devices.mjs';
import { peerConversation } from '../history.mjs';
import { equal, that } from '../report.mjs';
import { eventually } from '../timeline.mjs';
import { causes, only, refused, some } from './effects.mjs';

const REVOKED = 2101, DELETED = 4;

/** What is done to messages after they were sent. */
export function operationScenario({ backEnd }, cast) {
  let groupID, last;

  const peers = () => peerConversation(cast.one.userID, cast.two.userID);
  const groups = () => `sg_${groupID}`;
  const isTold = ({ clientMsgID }) => told => told.clientMsgID === clientMsgID;
  // An acknowledgement says no seq: the sender can do nothing to its message before that has come by the other way.
  const isKept = (sender, conversationID, sent) => eventually(async () => that((await find(sender, conversationID, sent))?.seq > 0, 'it has no seq'), `the message at its sender ${sender.userID}`);
  const says = async text => {
    const { now } = cast.two.timeline;
    const sent = await cast.one.sendText(text, cast.two.userID);
    const told = await cast.two.receives(sent, now);
    await isKept(cast.one, peers(), sent);
    return told;
  };
  const saysToGroup = async (device, text) => {
    const others = [cast.one, cast.two, cast.three].filter(other => other !== device);
    const points = others.map(other => other.timeline.now);
    const sent = await device.sendTextToGroup(text, groupID);
    const [told] = await Promise.all(others.map((other, i) => other.receives(sent, points[i])));
    await isKept(device, groups(), sent);
    return told;
  };
  const find = async (device, conversationID, { clientMsgID }) => (await device.history(conversationID)).find(message => message.clientMsgID === clientMsgID && message.status !== DELETED);
  const isRevokedFor = (device, conversationID, message, revoker) => eventually(async () => {
    const found = await find(device, conversationID, message);
    that(found, `${device.userID} has lost it`);
    equal([found.contentType, found.seq], [REVOKED, message.seq], `what ${device.userID} has instead (content type, seq)`);
    equal(JSON.parse(found.notificationElem?.detail ?? JSON.parse(found.content).detail).revokerID, revoker.userID, 'who took it back');
  }, `the message taken back, at ${device.userID}`);
  const revokes = (device, conversationID, message, devices) => causes(() => device.call('revokeMessage', { conversationID, clientMsgID: message.clientMsgID }),
    devices.map(other => [other, 'OnNewRecvMessageRevoked', isTold(message)]));
  const groupRevoke = async (device, message, revoker = device) => {
    await revokes(device, groups(), message, [cast.one, cast.two, cast.three].filter(other => other !== device));
    for (const other of [cast.one, cast.two, cast.three]) await isRevokedFor(other, groups(), message, revoker);
  };
  const mayNotRevoke = (device, conversationID, message) =>
    refused(() => backEnd.postAs(device, '/msg/revoke_msg', { conversationID, seq: message.seq, userID: device.userID }), 1002);

  return [`${cast.kind} messages, operations`, [
    ['a peer can\'t take back what the other said', async () => {
      last = await says('Mine to take back');
      await mayNotRevoke(cast.two, peers(), last);
    }],
    ['its sender can, and it is told', async () => {
      await revokes(cast.one, peers(), last, [cast.two, cast.second]);
      for (const device of [cast.one, cast.two]) await isRevokedFor(device, peers(), last, cast.one);
    }],
    ['once', () => refused(() => backEnd.postAs(cast.one, '/msg/revoke_msg', { conversationID: peers(), seq: last.seq, userID: cast.one.userID }), 1404)],
    ['what is not there can\'t be taken back', () => refused(() => backEnd.postAs(cast.one, '/msg/revoke_msg', { conversationID: peers(), seq: 100_000, userID: cast.one.userID }), 1004)],
    ['in a group, by its sender', async () => {
      ({ groupID } = await cast.group([cast.two, cast.three]));
      await groupRevoke(cast.three, await saysToGroup(cast.three, 'my own'));
    }],
    ['in a group, not by an ordinary member', async () => mayNotRevoke(cast.two, groups(), await saysToGroup(cast.three, 'not yours'))],
    ['in a group, by an admin', async () => {
      await causes(() => cast.one.call('setGroupMemberInfo', { groupID, userID: cast.two.userID, roleLevel: 60 }), [[cast.two, 'OnGroupMemberInfoChanged', member => member.roleLevel === 60]]);
      await groupRevoke(cast.two, await saysToGroup(cast.three, 'the admin won\'t like it'));
    }],
    ['in a group, not the owner\'s by an admin', async () => mayNotRevoke(cast.two, groups(), await saysToGroup(cast.one, 'the owner\'s'))],
    ['in a group, by the owner', async () => groupRevoke(cast.one, await saysToGroup(cast.two, 'the owner won\'t like it'))],
    ['deleted for one, there for the other', async () => {
      const message = await says('Not for my eyes');
      await cast.two.call('deleteMessage', { conversationID: peers(), clientMsgID: message.clientMsgID });
      equal(await find(cast.two, peers(), message), undefined, 'what is left of it');
      that(await find(cast.one, peers(), message), 'the other has lost it');
    }],
    ['read messages are told to their sender', async () => {
      const messages = [await says('Read one'), await says('Read two')];
      const wanted = messages.map(message => message.clientMsgID);
      const { now } = cast.one.timeline;
      await cast.two.call('markConversationMessageAsRead', peers());
      const has = id => some(receipt => receipt.userID === cast.two.userID && receipt.msgIDList.includes(id));
      await Promise.all(wanted.map(id => cast.one.timeline.until('OnRecvC2CReadReceipt', { from: now, match: has(id) })));
      // The JavaScript SDK marks the last of them alone.
      for (const message of cast.isWasm ? messages : messages.slice(-1))
        await eventually(async () => equal((await find(cast.one, peers(), message)).isRead, true, 'whether the sender sees it as read'), 'the message at its sender');
    }],
    ['reading a group is told to nobody else', async () => {
      await saysToGroup(cast.one, 'Who reads this?');
      await cast.two.call('markConversationMessageAsRead', groups());
      equal((await cast.two.call('getOneConversation', { sourceID: groupID, sessionType: 3 })).unreadCount, 0, 'the number of unread messages');
    }],
    ...only(cast.isWasm,
      ['history forwards', async () => {
        const all = await cast.two.history(peers());
        const { messageList } = await cast.two.call('getAdvancedHistoryMessageListReverse', { conversationID: peers(), startClientMsgID: all[0].clientMsgID, count: 2, viewType: 0 });
        equal(messageList.map(message => message.clientMsgID), all.slice(1, 3).map(message => message.clientMsgID), 'the second and third message');
      }]),
  ]];
}

/** The last of its user: everything goes. */
export function deleteAllScenario({ devices }, cast) {
  return [`${cast.kind} messages, all deleted`, [
    ['for one user, in every conversation', async () => {
      const conversationID = peerConversation(cast.two.userID, cast.three.userID);
      const { now } = cast.three.timeline;
      const sent = await cast.two.sendText('All of this', cast.three.userID);
      await cast.three.receives(sent, now);
      await cast.three.call('deleteAllMsgFromLocalAndSvr');
      // The JavaScript SDK goes on showing what it has shown before, so one that has shown nothing yet has to tell.
      const device = cast.isWasm ? cast.three : await devices.loggedIn(devices.javaScript(cast.three.userID, IOS));
      equal(await device.history(conversationID), [], 'what is left');
      that((await cast.two.history(conversationID)).length > 0, 'the other has lost it');
      const after = device.timeline.now;
      const next = await cast.two.sendText('And on', cast.three.userID);
      await device.receives(next, after);
      equal((await device.history(conversationID)).map(message => message.clientMsgID), [next.clientMsgID], 'what came after');
    }],
  ]];
}
