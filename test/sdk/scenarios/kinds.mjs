import { equal, that } from '../report.mjs';
import { eventually } from '../timeline.mjs';
import { holds, only } from './effects.mjs';

const picture = { uuid: 'p1', type: 'png', size: 1234, width: 40, height: 30, url: 'http://127.0.0.1/p.png' };

/** Every kind of message that needs no upload: made, sent, told and kept with everything in it. */
export function messageKindScenario(_, cast) {
  let text, groupID;

  const conversationID = () => `si_${[cast.one.userID, cast.two.userID].sort().join('_')}`;
  const goes = async (message, element, expected, send = sent => cast.one.send(sent, cast.two.userID)) => {
    const { now } = cast.two.timeline;
    const sent = await send(message);
    holds(await cast.two.receives(sent, now), { contentType: message.contentType, [element]: expected }, 'what is told');
    return sent;
  };
  const kept = async (sent, element, expected) => {
    const { messageList } = await cast.two.call('getAdvancedHistoryMessageList', { conversationID: conversationID(), startClientMsgID: '', count: 1, viewType: 0 });
    holds(messageList[0], { clientMsgID: sent.clientMsgID, [element]: expected }, 'what is kept');
  };
  const kind = (title, name, params, element, expected = params) => [title, async () => {
    const message = await cast.one.call(name, typeof params === 'function' ? params() : params);
    const wanted = typeof expected === 'function' ? expected() : expected;
    await kept(await goes(message, element, wanted), element, wanted);
  }];
  // Nothing is uploaded here: the URLs are the application's.
  const byURL = (title, name, params, element, expected) => [title, async () => {
    await goes(await cast.one.call(name, params), element, expected, async message => {
      const sent = await cast.one.call('sendMessageNotOss', { recvID: cast.two.userID, groupID: '', message });
      equal(sent.status, 2, 'the status after the acknowledgement');
      return sent;
    });
  }];
  const atType = async () => (await cast.two.call('getOneConversation', { sourceID: groupID, sessionType: 3 })).groupAtType;
  const mentions = async (atUserIDList, wanted) => {
    const message = await cast.one.call('createTextAtMessage', { text: 'Hey you', atUserIDList, atUsersInfo: atUserIDList.map(atUserID => ({ atUserID, groupNickname: atUserID })) });
    await goes(message, 'atTextElem', { text: 'Hey you', atUserList: atUserIDList }, sent => cast.one.sendToGroup(sent, groupID));
    await eventually(async () => equal(await atType(), wanted, 'who is meant, at the receiver'), 'the conversation');
  };
  const seen = async (name, params) => {
    await cast.two.call(name, params);
    await eventually(async () => equal(await atType(), 0, 'who is meant, after it was seen'), 'the conversation');
  };

  return [`${cast.kind} messages, kinds`, [
    ['text', async () => {
      text = await goes(await cast.one.prepare('A text'), 'textElem', { content: 'A text' });
    }],
    kind('custom', 'createCustomMessage', { data: '{"a":1}', extension: 'ext', description: 'what it is' }, 'customElem'),
    kind('card', 'createCardMessage', { userID: 'someone', nickname: 'Some One', faceURL: 'http://127.0.0.1/f.png', ex: 'x' }, 'cardElem'),
    kind('location', 'createLocationMessage', { description: 'here', longitude: 13.5, latitude: -52.25 }, 'locationElem'),
    kind('face', 'createFaceMessage', { index: 7, data: 'smile' }, 'faceElem'),
    kind('quote', 'createQuoteMessage', () => ({ text: 'As you said', message: JSON.stringify(text) }), 'quoteElem',
      () => ({ text: 'As you said', quoteMessage: { clientMsgID: text.clientMsgID, textElem: { content: 'A text' } } })),
    ['merged', async () => {
      const message = await cast.one.call('createMergerMessage', { messageList: [text, text], title: 'Two', summaryList: ['one', 'two'] });
      const sent = await goes(message, 'mergeElem', { title: 'Two', abstractList: ['one', 'two'] });
      const told = (await cast.two.history(conversationID())).at(-1);
      equal([told.clientMsgID, told.mergeElem.multiMessage.map(part => part.clientMsgID)], [sent.clientMsgID, [text.clientMsgID, text.clientMsgID]], 'the merged messages');
    }],
    ['forwarded', async () => {
      const message = await cast.one.call('createForwardMessage', text);
      that(message.clientMsgID !== text.clientMsgID, 'a forwarded message has the id of the first');
      await goes(message, 'textElem', { content: 'A text' });
    }],
    byURL('picture by URL', 'createImageMessageByURL', { sourcePath: '', sourcePicture: picture, bigPicture: picture, snapshotPicture: picture }, 'pictureElem', { sourcePicture: picture }),
    byURL('sound by URL', 'createSoundMessageByURL', { uuid: 's1', soundPath: '', sourceUrl: 'http://127.0.0.1/s.mp3', dataSize: 99, duration: 3, soundType: 'mp3' }, 'soundElem', { sourceUrl: 'http://127.0.0.1/s.mp3', duration: 3 }),
    byURL('video by URL', 'createVideoMessageByURL', {
      videoPath: '', videoUUID: 'v1', videoUrl: 'http://127.0.0.1/v.mp4', videoType: 'mp4', videoSize: 999, duration: 9,
      snapshotPath: '', snapshotUUID: 'v2', snapshotUrl: 'http://127.0.0.1/v.png', snapshotSize: 99, snapshotWidth: 40, snapshotHeight: 30, snapShotType: 'png',
    }, 'videoElem', { videoUrl: 'http://127.0.0.1/v.mp4', snapshotUrl: 'http://127.0.0.1/v.png', duration: 9 }),
    byURL('file by URL', 'createFileMessageByURL', { filePath: '', uuid: 'f1', sourceUrl: 'http://127.0.0.1/f.pdf', fileName: 'f.pdf', fileSize: 5, fileType: 'pdf' }, 'fileElem', { sourceUrl: 'http://127.0.0.1/f.pdf', fileName: 'f.pdf' }),
    ...only(cast.isWasm,
      kind('text with marks', 'createAdvancedTextMessage', { text: 'see here', messageEntityList: [{ type: 'url', offset: 4, length: 4, url: 'http://127.0.0.1/', ex: '' }] }, 'advancedTextElem', { text: 'see here' }),
      kind('quote with marks', 'createAdvancedQuoteMessage', () => ({ text: 'As you said', message: text, messageEntityList: [] }), 'quoteElem',
        () => ({ text: 'As you said', quoteMessage: { clientMsgID: text.clientMsgID } }))),
    ['a mention of one member', async () => {
      ({ groupID } = await cast.group([cast.two]));
      await mentions([cast.two.userID], 1);
    }],
    ['the mark goes when it is seen', () => seen('setConversation', { conversationID: `sg_${groupID}`, groupAtType: 0 })],
    ['a mention of all', async () => {
      await mentions(['AtAllTag'], 2);
      await seen('setConversation', { conversationID: `sg_${groupID}`, groupAtType: 0 });
    }],
    ...only(cast.isWasm, ['the older name for the mark', async () => {
      await mentions([cast.two.userID], 1);
      await seen('resetConversationGroupAtType', `sg_${groupID}`);
    }]),
    ['online only is told and not kept', async () => {
      const message = await cast.one.prepare('for now');
      const { now } = cast.two.timeline;
      // The JavaScript SDK gets it, and tells its application nothing.
      if (cast.isWasm) await goes(message, 'textElem', { content: 'for now' }, sent => cast.one.sendOnlineOnly(sent, cast.two.userID));
      else {
        await cast.one.sendOnlineOnly(message, cast.two.userID);
        await cast.two.timeline.until('pushed', { from: now, match: push => push.clientMsgID === message.clientMsgID && push.seq === 0 });
      }
      const history = await cast.two.history(conversationID());
      that(!history.some(one => one.clientMsgID === message.clientMsgID && one.seq > 0), 'it is in the history');
      equal(history.filter(one => one.seq > 0).map(one => one.seq).filter((seq, i, all) => i > 0 && seq !== all[i - 1] + 1), [], 'the numbers behind a gap');
    }],
    ['typing', async () => {
      const { now } = cast.two.timeline;
      await cast.one.call('changeInputStates', { conversationID: conversationID(), focus: true });
      await cast.two.timeline.until('OnConversationUserInputStatusChanged', { from: now, match: told => told.userID === cast.one.userID });
      if (!cast.isWasm) that((await cast.two.call('getInputStates', { conversationID: conversationID(), userID: cast.one.userID })).length > 0, 'nobody types');
    }],
    ...only(cast.isWasm, ['the older name for typing', () => cast.one.call('typingStatusUpdate', { recvID: cast.two.userID, msgTip: 'yes' })]),
  ]];
}
