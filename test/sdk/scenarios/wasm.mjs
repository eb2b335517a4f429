import { equal, that } from '../report.mjs';
import { within } from '../timeline.mjs';
import { Pair } from './pair.mjs';

// The SDK repeats a send over several connections before it gives it up; while it tries, the message can't be sent again.
const SDK_TRIES_MS = 90_000;

/** Two users of the WebAssembly SDK in browser profiles of their own. */
export function wasmScenario({ server, devices }, [caraID, danID]) {
  let pair, oldToken;

  const unreadOf = async (device, peerID) => (await device.call('getOneConversation', { sourceID: peerID, sessionType: 1 })).unreadCount;

  return ['wasm SDK', [
    ['login ends in OnSyncServerFinish', async () => {
      const [cara, dan] = await Promise.all([caraID, danID].map(id => devices.wasm(id)));
      oldToken = await devices.tokenFor(dan);
      await Promise.all([cara.loginAndSync(await devices.tokenFor(cara)), dan.loginAndSync(oldToken)]);
      pair = new Pair(cara, dan);
    }],
    ['text goes both ways', () => pair.exchange('Hello Dan', 'Grüße, 你好, 👋🏽 Cara')],
    ['history is whole', () => pair.historyIsWhole()],
    ['a cut connection comes back, with the newest of 25 messages', () => pair.missAndReturn(pair.other, pair.one, 25, 3)],
    ['history after the gap is whole', () => pair.historyIsWhole()],
    ['the missed messages count as unread until they are read', async () => {
      equal(await unreadOf(pair.other, caraID), 25, 'the number of unread messages');
      await pair.other.call('markConversationMessageAsRead', pair.conversation);
      equal(await unreadOf(pair.other, caraID), 0, 'the number of unread messages after reading');
    }],
    ['both come back after the server was killed', () => pair.surviveKill(server)],
    ['text goes both ways after the kill', () => pair.exchange('Still there?', 'Still here.')],
    ['history after the kill is whole', () => pair.historyIsWhole()],
    ['the server dies in the middle of a burst; all is sent in the end, and once', async () => {
      const texts = Array.from({ length: 40 }, (_, i) => `burst ${i + 1}`);
      const messages = await Promise.all(texts.map(text => pair.one.prepare(text)));
      const points = pair.points();
      const failed = [];
      let count = 0;
      let burst;
      const underWay = new Promise(resolve => {
        burst = messages.map(message => pair.one.send(message, danID, SDK_TRIES_MS).then(
          () => ++count === 10 && resolve(),
          () => failed.push(message)));
      });
      await within(underWay, 20_000, 'the burst did not get under way');
      await server.kill();
      that(count < texts.length, 'the burst was over before the server was killed');
      await server.start();
      await pair.bothBack(points);
      await Promise.all(burst);
      for (const message of failed) await pair.one.send(message, danID);
      pair.acknowledged.push(...texts);
      await pair.exchange('Is that all?', 'That is all.');
      await pair.historyIsWhole({ inOrder: false });
    }],
    ['a message whose answer was lost is there once', async () => {
      const text = 'Did you get this?';
      const message = await pair.one.prepare(text);
      const points = pair.points();
      pair.one.relay.mute();
      const sending = pair.one.send(message, danID, SDK_TRIES_MS).then(() => true, () => false);
      await pair.other.receivesText(text, points[1]);
      pair.one.relay.cut();
      pair.one.relay.join();
      // The SDK either sends it again by itself or gives up and leaves that to its user.
      if (!await sending) await pair.one.send(message, danID);
      pair.acknowledged.push(text);
      await pair.exchange('Once or twice?', 'Once.');
      await pair.historyIsWhole({ inOrder: false });
    }],
    ['a second login on the same platform ends the first', async () => {
      const first = pair.other;
      const { now } = first.timeline;
      pair.other = await devices.loggedIn(devices.wasm(danID));
      await first.timeline.until('OnKickedOffline', { from: now });
      await pair.exchange('Which one are you?', 'The new one.');
      equal(first.timeline.since(now, 'OnConnectSuccess').length, 0, 'the number of times the old device came back');
      await first.close();
    }],
    ['the new device has the whole history', () => pair.historyIsWholeAt(pair.other, { inOrder: false })],
    ['the token of the ended device is dead', async () => {
      const late = await devices.javaScript(danID);
      await late.login(oldToken);
      await late.timeline.until('OnKickedOffline');
      await late.close();
    }],
    ['no REST call of the SDK was refused', async () => equal([...pair.one.refusals, ...pair.other.refusals], [], 'the list of refusals')],
  ]];
}

export function wasmRefusalScenario({ devices }, [caraID]) {
  return ['wasm SDK, refused', [
    ['an invented token', async () => {
      const cara = await devices.wasm(caraID);
      await cara.login('bm90LWEtdG9rZW4');
      await cara.timeline.until('OnUserTokenInvalid');
      equal(cara.timeline.since(0, 'OnConnectSuccess').length, 0, 'the number of successful connections');
      await cara.close();
    }],
  ]];
}
