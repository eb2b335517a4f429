import { equal, that } from './report.mjs';

/** Both ends compute the same id from the two users. */
export const peerConversation = (one, other) => 'si_' + [one, other].sort().join('_');

/** The text of a message, whichever SDK told it. */
export const textOf = message => message.textElem?.content ?? JSON.parse(message.content).content;

/**
 * Holds a complete history, oldest first, to what must be true of it: numbered 1, 2, 3 …, no message twice, times never going back, and exactly the
 * texts that were acknowledged.
 * @param {any[]} messages
 * @param {string[]} acknowledged In the order of the acknowledgements when each was awaited before the next was sent, else in any.
 * @param {{ inOrder?: boolean }} options
 */
export function judgeHistory(messages, acknowledged, { inOrder = true } = {}) {
  const ids = messages.map(message => message.clientMsgID);
  that(new Set(ids).size === ids.length, `messages are there twice: ${ids.filter((id, index) => ids.indexOf(id) !== index)}`);
  equal(messages.map(message => message.seq), messages.map((_, index) => index + 1), 'the numbering');
  for (let i = 1; i < messages.length; i++) {
    that(messages[i].sendTime >= messages[i - 1].sendTime, `the time of seq ${i + 1} lies before that of seq ${i}`);
  }

  const texts = messages.map(textOf);
  const missing = acknowledged.filter(text => !texts.includes(text));
  that(missing.length === 0, `${missing.length} of ${acknowledged.length} acknowledged texts are missing: ${missing.slice(0, 5).join(' | ')}`);
  equal(inOrder ? texts : texts.toSorted(), inOrder ? acknowledged : acknowledged.toSorted(), 'the list of texts');
}

/** All pages of a conversation, oldest message first. */
export async function readPages(readPage, pageSize) {
  let all = [];
  for (let pages = 0; pages < 100; pages++) {
    const { messageList, isEnd } = await readPage({ count: pageSize, startClientMsgID: all[0]?.clientMsgID ?? '' });
    all = [...messageList, ...all];
    if (isEnd) return all;
    that(messageList.length > 0, `the SDK got an empty page of history that is not the end, after ${all.length} messages`);
  }
  throw new Error(`the history has no end: ${all.length} messages so far`);
}
