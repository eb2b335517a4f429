// The official OpenIM web SDKs against a running Parley. README.md says how to run it and what it holds the server to.

import { BackEnd } from './backend.mjs';
import { Coverage } from './coverage.mjs';
import { Devices } from './devices.mjs';
import { explain, Report } from './report.mjs';
import { backEndScenario } from './scenarios/backend.mjs';
import { absenceScenario } from './scenarios/absence.mjs';
import { Cast } from './scenarios/cast.mjs';
import { blacklistScenario, friendScenario } from './scenarios/contacts.mjs';
import { clearingScenario, conversationSettingScenario, unreadScenario } from './scenarios/conversations.mjs';
import { crossScenario } from './scenarios/cross.mjs';
import { groupLifeScenario, groupListScenario } from './scenarios/groups.mjs';
import { javaScriptRefusalScenario, javaScriptResendScenario, javaScriptScenario } from './scenarios/javascript.mjs';
import { joiningScenario } from './scenarios/joining.mjs';
import { messageKindScenario } from './scenarios/kinds.mjs';
import { deleteAllScenario, operationScenario } from './scenarios/operations.mjs';
import { groupInfoScenario, groupRightScenario } from './scenarios/rights.mjs';
import { presenceScenario, userScenario } from './scenarios/users.mjs';
import { wasmRefusalScenario, wasmScenario } from './scenarios/wasm.mjs';
import { ParleyServer } from './server.mjs';
import { within } from './timeline.mjs';

const OVERALL_MS = 15 * 60_000;

// An underscore and a number, because a conversation's id is made of its users' ids.
const users = ['anna', 'ben_2', 'cara', 'dan_x_y', 'finn', '4711', 'hugo', 'ina'];
const [anna, ben, cara, dan, finn, gia, hugo, ina] = users;

const casts = [
  new Cast('javascript', ['noa', 'otto', 'pia'], ['quin', 'rosa', 'sven']),
  new Cast('wasm', ['kai', 'lea', 'mia'], ['theo', 'uma', 'vera']),
];

// After the first failure of an area the rest of it is not tried, so that each area stands for itself.
const areas = [
  conversationSettingScenario, unreadScenario, clearingScenario, messageKindScenario, operationScenario, presenceScenario,
  groupLifeScenario, groupListScenario, joiningScenario, groupRightScenario, groupInfoScenario,
  friendScenario, blacklistScenario, userScenario, absenceScenario, deleteAllScenario,
];

// Parts of the names of scenarios, to run only those.
const wanted = process.argv.slice(2);

const report = new Report();
const server = await ParleyServer.create();
const backEnd = new BackEnd(server);
const coverage = new Coverage(report);
const devices = new Devices(server, backEnd, (kind, name) => coverage.note(kind, name));
const world = { server, backEnd, devices };
let isEnding = false;

async function end() {
  if (isEnding) return;
  isEnding = true;
  report.flush();
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
if (isUp && await report.scenario(...backEndScenario(world, [...users, ...casts.flatMap(cast => [...cast.ids, ...cast.bystanders])]))) {
  const scenarios = [
    [javaScriptScenario, anna, ben],
    [javaScriptResendScenario, finn, gia],
    [javaScriptRefusalScenario, anna, ben],
    [wasmScenario, cara, dan],
    [wasmRefusalScenario, cara],
    [crossScenario, hugo, ina],
  ];
  for (const [scenario, ...ids] of scenarios) {
    if (isWanted(scenario(world, ids))) await report.twice(async isAgain => report.scenario(...scenario(world, isAgain ? await others(ids) : ids)));
  }
  for (const cast of casts) await report.twice(async isAgain => play(isAgain ? await otherCast(cast) : cast));
}
await end();

async function others(ids) {
  const other = ids.map(id => `${id}_again`);
  await backEnd.register(...other);
  return other;
}

async function otherCast(cast) {
  const other = cast.again();
  await backEnd.register(...other.ids, ...other.bystanders);
  return other;
}

function isWanted([name]) {
  return wanted.length === 0 || wanted.some(part => name.includes(part));
}

async function play(cast) {
  const scenarios = areas.map(area => area(world, cast)).filter(isWanted);
  if (scenarios.length === 0 || !await report.scenario(...Cast.scenario(world, cast))) return;
  await report.scenario(...coverage.isComplete({ kind: cast.kind, methods: () => cast.one.methods() }));
  for (const scenario of scenarios) await report.scenario(...scenario);
  if (wanted.length === 0) await report.scenario(...coverage.isTrue(cast.kind));
}
