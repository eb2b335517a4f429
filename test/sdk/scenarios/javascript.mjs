import { IOS } from '../devices.mjs';
import { equal, that } from '../report.mjs';
import { within } from '../timeline.mjs';
import { Pair } from './pair.mjs';

/** Two users of the JavaScript SDK, a cut network and a killed server. */
export function javaScriptScenario({ server, devices }, [annaID, benID]) {
  let pair, afterFirst;
  return ['JavaScript SDK', [
    ['login ends in OnSyncServerFinish', async () => {
      pair = new Pair(...await Promise.all([annaID, benID].map(id => devices.loggedIn(devices.javaScript(id)))));
    }],
    ['text goes both ways', async () => {
      await pair.exchange('Hello Ben', 'Grüße, 你好, 👋🏽 Anna');
      afterFirst = pair.one.timeline.now;
    }],
    ['history is whole', () => pair.historyIsWhole()],
    ['a cut connection comes back, with the newest of 25 messages', () => pair.missAndReturn(pair.other, pair.one, 25, 0)],
    ['history after the gap is whole', () => pair.historyIsWhole()],
    ['both come back after the server was killed', () => pair.surviveKill(server)],
    ['text goes both ways after the kill', () => pair.exchange('Still there?', 'Still here.')],
    ['history after the kill is whole', () => pair.historyIsWhole()],
    ['a sender is not told its own message as a new one', async () => {
      // The answer to Anna's first message came behind the echo of that message.
      const told = pair.one.timeline.since(0, 'OnRecvNewMessages').filter(entry => entry.index < afterFirst).flatMap(entry => entry.data);
      equal(told.map(message => message.sendID), [benID], `the senders of what ${annaID} was told`);
    }],
  ]];
}

/** What an application does when the server dies under its hands: log in again, and send again what was not acknowledged. */
export function javaScriptResendScenario({ server, devices }, [finnID, giaID]) {
  const texts = Array.from({ length: 40 }, (_, i) => `burst ${i + 1}`);
  let pair, sentCount = 0, unanswered = null;

  const loggedIn = userID => devices.loggedIn(devices.javaScript(userID));
  const sendRest = async (onEach = () => {}) => {
    while (sentCount < texts.length) {
      unanswered ??= await pair.one.prepare(texts[sentCount]);
      await pair.one.send(unanswered, giaID);
      pair.acknowledged.push(texts[sentCount]);
      unanswered = null;
      sentCount++;
      onEach();
    }
  };
  // The SDK never answers a send whose connection went, nor any after it: its application has to start anew.
  const restartUnderSender = async () => {
    await server.kill();
    await pair.one.close();
    await server.start();
    pair.one = await loggedIn(finnID);
  };

  return ['JavaScript SDK, killed while sending', [
    ['the server dies in the middle of a burst; the rest is sent after it', async () => {
      pair = new Pair(...await Promise.all([finnID, giaID].map(loggedIn)));
      const underWay = new Promise((resolve, reject) => sendRest(() => sentCount === 15 && resolve()).catch(reject));
      await within(underWay, 20_000, 'the burst did not get under way');
      await restartUnderSender();
      that(sentCount < texts.length, 'the burst was over before the server was killed');
      await sendRest();
    }],
    ['sender and receiver have each message once, in order', () => pair.historyIsWhole()],
    ['a message whose answer was lost gets the same answer again, even after a kill', async () => {
      const text = 'Did you get this?';
      const message = await pair.one.prepare(text);
      pair.one.relay.mute();
      pair.one.send(message, giaID).catch(() => {});
      const told = await pair.other.receivesText(text);
      await restartUnderSender();
      const again = await pair.one.send(message, giaID);
      pair.acknowledged.push(text);
      equal([again.serverMsgID, again.sendTime], [told.serverMsgID, told.sendTime], 'the second answer (serverMsgID, sendTime)');
    }],
    ['sender and receiver have that message once', () => pair.historyIsWhole()],
  ]];
}

/** Who has no good token stays outside, and is told so. */
export function javaScriptRefusalScenario({ devices }, [annaID, benID]) {
  const isRefused = async token => {
    const anna = await devices.javaScript(annaID);
    await anna.login(token);
    await anna.timeline.until('OnUserTokenInvalid');
    equal(anna.timeline.since(0, 'OnConnectSuccess').length, 0, 'the number of successful connections');
    // Else it would go on trying every five seconds.
    await anna.close();
  };

  return ['JavaScript SDK, refused', [
    ['an invented token', () => isRefused('bm90LWEtdG9rZW4')],
    ['the token of another user', async () => isRefused(await devices.tokenFor({ userID: benID, platformID: 5 }))],
    ['the token of another platform', async () => isRefused(await devices.tokenFor({ userID: annaID, platformID: IOS }))],
  ]];
}
