// The official OpenIM web SDKs against a running Parley. README.md says how to run it and what it holds the server to.

import { BackEnd } from './backend.mjs';
import { Devices } from './devices.mjs';
import { explain, Report } from './report.mjs';
import { backEndScenario } from './scenarios/backend.mjs';
import { crossScenario } from './scenarios/cross.mjs';
import { javaScriptRefusalScenario, javaScriptResendScenario, javaScriptScenario } from './scenarios/javascript.mjs';
import { wasmRefusalScenario, wasmScenario } from './scenarios/wasm.mjs';
import { ParleyServer } from './server.mjs';
import { within } from './timeline.mjs';

const OVERALL_MS = 5 * 60_000;

// An underscore and a number, because a conversation's id is made of its users' ids.
const users = ['anna', 'ben_2', 'cara', 'dan_x_y', 'finn', '4711', 'hugo', 'ina'];
const [anna, ben, cara, dan, finn, gia, hugo, ina] = users;

const report = new Report();
const server = await ParleyServer.create();
const backEnd = new BackEnd(server);
const devices = new Devices(server, backEnd);
const world = { server, backEnd, devices };
let isEnding = false;

async function end() {
  if (isEnding) return;
  isEnding = true;
  if (report.failed > 0) {
    for (const complaint of await devices.complaints().catch(() => [])) report.note(`page of ${complaint.replace(/token=[^&' ]+/g, 'token=…')}`);
    report.note(`the server's last lines:\n${server.output}`);
  }
  await within(devices.putAway(), 10_000, 'the browser did not end').catch(error => report.note(explain(error)));
  await server.dispose();
  report.total();
  process.exit(report.failed > 0 ? 1 : 0);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => (report.notOk('run', `stopped by ${signal}`), end()));
setTimeout(() => (report.notOk('run', `not done after ${OVERALL_MS / 1000} s`), end()), OVERALL_MS).unref();
// The JavaScript SDK drops promises whose socket has gone. What matters of it, a check notices.
process.on('unhandledRejection', error => report.note(`dropped by an SDK: ${explain(error)}`));

const isUp = await report.scenario('server', [['starts and says where', async () => report.note(`ready after ${await server.start()} ms`)]]);
if (isUp && await report.scenario(...backEndScenario(world, users))) {
  await report.scenario(...javaScriptScenario(world, [anna, ben]));
  await report.scenario(...javaScriptResendScenario(world, [finn, gia]));
  await report.scenario(...javaScriptRefusalScenario(world, [anna, ben]));
  await report.scenario(...wasmScenario(world, [cara, dan]));
  await report.scenario(...wasmRefusalScenario(world, [cara]));
  await report.scenario(...crossScenario(world, [hugo, ina]));
}
await end();
