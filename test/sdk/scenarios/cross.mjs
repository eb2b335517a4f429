import { WINDOWS } from '../devices.mjs';
import { textOf } from '../history.mjs';
import { equal, that } from '../report.mjs';
import { Pair } from './pair.mjs';

/** Both SDKs in one conversation, and both on the devices of one user. */
export function crossScenario({ devices }, [hugoID, inaID]) {
  let pair, inasOther;
  return ['both SDKs', [
    ['a JavaScript user and a wasm user log in', async () => {
      pair = new Pair(...await Promise.all([devices.loggedIn(devices.javaScript(hugoID)), devices.loggedIn(devices.wasm(inaID))]));
    }],
    ['text goes both ways', () => pair.exchange('Hello Ina', 'Hello Hugo')],
    ['both have the same history', async () => {
      await pair.historyIsWhole();
      const [hugos, inas] = await Promise.all([pair.one, pair.other].map(device => device.history(pair.conversation)));
      const facts = message => [message.seq, message.clientMsgID, message.serverMsgID, message.sendID, message.sendTime, textOf(message)];
      equal(hugos.map(facts), inas.map(facts), `what ${hugoID} has`);
    }],
    ['a second device of another platform ends nobody', async () => {
      const { now } = pair.other.timeline;
      inasOther = await devices.loggedIn(devices.javaScript(inaID, WINDOWS));
      await pair.exchange('Are you on two devices?', 'I am.');
      equal(pair.other.timeline.since(now, 'OnKickedOffline').length, 0, 'the number of times the first device was ended');
    }],
    ['a text reaches both devices of its receiver and the other device of its sender', async () => {
      const { now } = inasOther.timeline;
      await pair.exchange('To both of you', 'From one of us');
      equal((await inasOther.receivesText('To both of you', now)).sendID, hugoID, 'the sender of the first text');
      equal((await inasOther.receivesText('From one of us', now)).sendID, inaID, 'the sender of the second text');
    }],
    ['typing shows and is not stored', async () => {
      const { now } = pair.other.timeline;
      await pair.one.call('changeInputStates', { conversationID: pair.conversation, focus: true });
      const { data } = await pair.other.timeline.until('OnConversationUserInputStatusChanged', { from: now });
      equal([data.conversationID, data.userID], [pair.conversation, hugoID], 'who types where');
      await pair.historyIsWhole();
    }],
    ['presence is told and its change too', async () => {
      const [hugo] = await pair.other.call('subscribeUsersStatus', [hugoID]);
      equal([hugo.userID, hugo.status], [hugoID, 1], 'the status of an online user');
      const { now } = pair.other.timeline;
      await pair.one.close();
      const { data } = await pair.other.timeline.until('OnUserStatusChanged', { from: now, match: change => change.userID === hugoID });
      that(data.status === 0, `the status after leaving is ${data.status}`);
    }],
  ]];
}
