import { IOS } from '../devices.mjs';
import { peerConversation } from '../history.mjs';
import { equal, that } from '../report.mjs';
import { eventually } from '../timeline.mjs';
import { causes, only, some } from './effects.mjs';

export const conversationWith = (device, peer) => device.call('getOneConversation', { sourceID: peer.userID, sessionType: 1 });
export const unreadOf = async (device, peer) => (await conversationWith(device, peer)).unreadCount;

/** What a user sets for a conversation holds on all of the user's devices. */
export function conversationSettingScenario(_, cast) {
  let conversationID;

  const is = expected => some(item => item.conversationID === conversationID && Object.entries(expected).every(([key, value]) => item[key] === value));
  const sets = (name, params, expected, devices = [cast.one, cast.second]) => causes(() => cast.one.call(name, { conversationID, ...params }),
    devices.map(device => [device, 'OnConversationChanged', is(expected)]));
  const set = (change, devices) => sets('setConversation', change, change, devices);

  return [`${cast.kind} conversations, settings`, [
    ['a conversation comes with its first message', async () => {
      conversationID = peerConversation(cast.one.userID, cast.two.userID);
      const { now } = cast.two.timeline;
      await cast.two.receives(await cast.one.sendText('To begin with', cast.two.userID), now);
      const mine = await conversationWith(cast.one, cast.two);
      equal([mine.conversationID, mine.conversationType, mine.userID], [conversationID, 1, cast.two.userID], 'the conversation (id, type, peer)');
    }],
    ['pinned', async () => {
      await set({ isPinned: true });
      const [first] = await cast.one.call('getConversationListSplit', { offset: 0, count: 1 });
      equal(first.conversationID, conversationID, 'the first of the list');
      equal((await conversationWith(cast.two, cast.one)).isPinned, false, 'whether the peer has it pinned');
    }],
    ['received without a sound', () => set({ recvMsgOpt: 2 })],
    ['an ex', () => set({ ex: 'for the application' })],
    ['a time to burn after', () => set({ burnDuration: 60 })],
    ['messages that vanish', async () => {
      await set({ msgDestructTime: 86_400 });
      await set({ isMsgDestruct: true });
    }],
    ['private for both', () => set({ isPrivateChat: true }, [cast.one, cast.second, cast.two])],
    ['and back', async () => {
      await set({ isPrivateChat: false }, [cast.one, cast.second, cast.two]);
      await set({ isMsgDestruct: false });
      await set({ recvMsgOpt: 0 });
      await set({ isPinned: false });
    }],
    ...only(cast.isWasm,
      ['the older names of that function', async () => {
        await sets('pinConversation', { isPinned: true }, { isPinned: true });
        await sets('pinConversation', { isPinned: false }, { isPinned: false });
        await sets('setConversationRecvMessageOpt', { opt: 2 }, { recvMsgOpt: 2 });
        await sets('setConversationRecvMessageOpt', { opt: 0 }, { recvMsgOpt: 0 });
        await sets('setConversationEx', { ex: 'older' }, { ex: 'older' });
        await sets('setConversationBurnDuration', { burnDuration: 30 }, { burnDuration: 30 });
        await sets('setConversationPrivateChat', { isPrivate: true }, { isPrivateChat: true }, [cast.one, cast.second, cast.two]);
        await sets('setConversationPrivateChat', { isPrivate: false }, { isPrivateChat: false }, [cast.one, cast.second, cast.two]);
        await sets('setConversationMsgDestructTime', { msgDestructTime: 3600 }, { msgDestructTime: 3600 });
        await sets('setConversationIsMsgDestruct', { isMsgDestruct: true }, { isMsgDestruct: true });
        await sets('setConversationIsMsgDestruct', { isMsgDestruct: false }, { isMsgDestruct: false });
      }],
      ['a draft stays on its device', async () => {
        await sets('setConversationDraft', { draftText: 'Dear' }, { draftText: 'Dear' }, [cast.one]);
        await cast.one.call('setConversationDraft', { conversationID, draftText: '' });
      }],
      ['all at once, and some by id', async () => {
        const all = await cast.one.call('getAllConversationList');
        that(all.some(item => item.conversationID === conversationID), 'the conversation is missing');
        const [same] = await cast.one.call('getMultipleConversation', [conversationID]);
        equal([same.conversationID, same.ex, same.burnDuration], [conversationID, 'older', 30], 'the conversation asked for by id (id, ex, burn)');
      }]),
  ]];
}

/** The number beside a conversation is the same wherever its user looks. */
export function unreadScenario({ devices }, cast) {
  const id = () => peerConversation(cast.one.userID, cast.two.userID);
  const mine = () => [cast.one, cast.second];
  const counts = async (expected, where = mine()) => {
    for (const device of where) {
      await eventually(async () => equal(await unreadOf(device, cast.two), expected, 'the number'), `unread on the ${device.kind} device of ${device.userID}`);
    }
  };
  const tells = async (count, what) => {
    const sent = [];
    const points = mine().map(device => device.timeline.now);
    for (let i = 1; i <= count; i++) sent.push(await cast.two.sendText(`${what} ${i}`, cast.one.userID));
    await Promise.all(mine().map((device, i) => device.receives(sent.at(-1), points[i])));
    return sent;
  };
  const marks = device => device.call('markConversationMessageAsRead', id());
  // What the user reads on one device the JavaScript SDK does not take in on another, however it is told: there it is read again.
  const reads = async device => {
    await causes(() => marks(device), [[cast.two, 'OnRecvC2CReadReceipt', some(receipt => receipt.userID === cast.one.userID)]]);
    for (const other of mine().filter(one => one !== device && one.kind === 'javascript')) await marks(other);
  };
  const totals = () => Promise.all(mine().map(device => device.call('getTotalUnreadMsgCount')));
  let before;

  return [`${cast.kind} conversations, unread`, [
    ['nothing is unread after reading', async () => {
      await tells(1, 'to start');
      await reads(cast.one);
      await counts(0);
      before = await totals();
    }],
    ['three messages count three, on both devices and in the total', async () => {
      await tells(3, 'unread');
      await counts(3);
      equal(await totals(), before.map(total => total + 3), 'the totals');
    }],
    ['reading on one device is reading on the other, and is told', async () => {
      await causes(() => reads(cast.second), [[cast.one, 'OnTotalUnreadMessageCountChanged', total => total === before[0]]]);
      await counts(0);
    }],
    ['and the other way round', async () => {
      await tells(2, 'more');
      await counts(2);
      await causes(() => reads(cast.one), [[cast.second, 'OnTotalUnreadMessageCountChanged', total => total === before[1]]]);
      await counts(0);
    }],
    ['own messages don\'t count', async () => {
      const points = cast.second.timeline.now;
      const sent = await cast.one.sendText('from me', cast.two.userID);
      await cast.second.receives(sent, points);
      // The JavaScript SDK counts those of the user's other devices.
      await counts(0, mine().filter(device => device === cast.one || device.kind === 'wasm'));
    }],
    ['a read message that is recalled or deleted changes nothing', async () => {
      const [recalled, deleted] = await tells(2, 'soon gone');
      await reads(cast.one);
      await causes(() => cast.two.call('revokeMessage', { conversationID: id(), clientMsgID: recalled.clientMsgID }),
        mine().map(device => [device, 'OnNewRecvMessageRevoked', told => told.clientMsgID === recalled.clientMsgID]));
      await cast.one.call('deleteMessage', { conversationID: id(), clientMsgID: deleted.clientMsgID });
      await counts(0);
    }],
    ['the same on a device just installed', async () => {
      await tells(2, 'for the new one');
      const fresh = await devices.loggedIn(devices.javaScript(cast.one.userID, IOS));
      await counts(2, [...mine(), fresh]);
      await reads(fresh);
      await counts(0, [...mine(), fresh]);
      await fresh.close();
      const newest = await devices.loggedIn(devices.javaScript(cast.one.userID, IOS));
      await counts(0, [newest]);
      await newest.close();
    }],
  ]];
}

/** Conversations emptied and taken from the list. */
export function clearingScenario(_, cast) {
  const conversation = () => peerConversation(cast.one.userID, cast.three.userID);
  const lists = async (device, expected) => {
    const all = await device.call('getConversationListSplit', { offset: 0, count: 100 });
    // The JavaScript SDK goes on listing what was deleted, with what it last knew of it.
    if (cast.isWasm) equal(all.some(item => item.conversationID === conversation()), expected, 'whether the conversation is in the list');
  };
  const texts = async device => (await device.history(conversation())).map(message => message.textElem?.content);
  const tells = async text => {
    const { now } = cast.one.timeline;
    await cast.one.receives(await cast.three.sendText(text, cast.one.userID), now);
  };

  return [`${cast.kind} conversations, clearing`, [
    ...only(cast.isWasm,
      ['cleared for one, whole for the other', async () => {
        await tells('Do you keep this?');
        await cast.one.call('clearConversationAndDeleteAllMsg', conversation());
        equal(await texts(cast.one), [], 'what is left');
        that((await texts(cast.three)).includes('Do you keep this?'), 'the other has lost it');
      }],
      ['what comes after is there, alone', async () => {
        await tells('And this?');
        equal(await texts(cast.one), ['And this?'], 'what is there');
      }],
      ['hidden until the next message', async () => {
        await cast.one.call('hideConversation', conversation());
        await lists(cast.one, false);
        await tells('Back?');
        await lists(cast.one, true);
      }]),
    ['deleted until the next message', async () => {
      await tells('The last of it');
      await cast.one.call('deleteConversationAndDeleteAllMsg', conversation());
      await lists(cast.one, false);
      equal(await texts(cast.one), [], 'what is left');
      await tells('The first of it');
      await lists(cast.one, true);
      equal(await texts(cast.one), ['The first of it'], 'what is there');
    }],
  ]];
}
