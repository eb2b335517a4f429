// gRPC and Connect clients that others wrote, against a running Parley. README.md says how to run it and what it holds the server to.

import { BackEnd } from '../sdk/backend.mjs';
import { equal, explain, Report, that } from '../sdk/report.mjs';
import { ConnectCaller, Failure, GrpcCaller } from './callers.mjs';
import { ParleyServer } from './server.mjs';

const OVERALL_MS = 4 * 60_000;
const [INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND, PERMISSION_DENIED, RESOURCE_EXHAUSTED, OUT_OF_RANGE, UNAUTHENTICATED] = [3, 4, 5, 7, 8, 11, 16];

const callers = [
  ['grpc-js', (server, token) => new GrpcCaller(server, token)],
  ['grpc-js, gzip', (server, token) => new GrpcCaller(server, token, { isCompressed: true })],
  ['connect-node as gRPC', (server, token) => new ConnectCaller(server, token, { isGrpc: true })],
  ['connect-node as gRPC, gzip', (server, token) => new ConnectCaller(server, token, { isGrpc: true, isCompressed: true })],
  ['Connect, HTTP/1.1', (server, token) => new ConnectCaller(server, token)],
  ['Connect, HTTP/1.1, gzip', (server, token) => new ConnectCaller(server, token, { isCompressed: true })],
  ['Connect, HTTP/1.1, JSON', (server, token) => new ConnectCaller(server, token, { isJson: true })],
  ['Connect, HTTP/1.1, JSON, gzip', (server, token) => new ConnectCaller(server, token, { isJson: true, isCompressed: true })],
  ['Connect, HTTP/2', (server, token) => new ConnectCaller(server, token, { isHttp2: true })],
  ['Connect, HTTP/2, JSON', (server, token) => new ConnectCaller(server, token, { isHttp2: true, isJson: true })],
];

const report = new Report();
let server = null;
let isEnding = false;

async function end() {
  if (isEnding) return;
  isEnding = true;
  if (report.failed > 0 && server) report.note(`the server's last lines:\n${server.output.slice(-4_000)}`);
  await server?.dispose();
  report.total();
  process.exit(report.failed > 0 ? 1 : 0);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => (report.notOk('run', `stopped by ${signal}`), end()));
setTimeout(() => (report.notOk('run', `not done after ${OVERALL_MS / 1000} s`), end()), OVERALL_MS).unref();

const tokens = {};
let backEnd;
const isUp = await report.scenario('server', [
  ['starts and says where', async () => { server = await ParleyServer.start(); }],
  ['gives tokens', async () => {
    backEnd = new BackEnd(server);
    await backEnd.signIn();
    tokens.administrator = (await backEnd.post('/auth/get_admin_token', { secret: server.secret, userID: 'imAdmin' })).token;
    await backEnd.register('watcher');
    tokens.user = await backEnd.tokenFor('watcher', 5);
  }],
]);
if (isUp) for (const [index, [name, open]] of callers.entries()) await play(name, open, index);
await end();

async function play(name, open, index) {
  const caller = open(server, tokens.administrator);
  const users = [1, 2, 3].map(number => `user${index}_${number}`);
  const [user, other, third] = users.map(id => ({ id }));
  const group = { id: `group${index}` };
  const content = (text, cmd = 4) => ({ cmd, deviceId: 9_007_199_254_740_991, raw: Buffer.from(text) });
  const texts = page => page.messages.map(message => Buffer.from(message.content.raw).toString());
  let first;

  await report.scenario(name, [
    ['ping', async () => equal((await caller.call('ping', { value: 7 })).value, 7, 'value')],
    ['savePeerMessage, and a repeat', async () => {
      await backEnd.register(...users);
      await backEnd.post('/group/create_group', { memberUserIDs: [], adminUserIDs: [], ownerUserID: users[0], groupInfo: { groupID: group.id, groupName: 'g', groupType: 2 } });
      const request = { user, content: content('one', -4), clientMessageId: 'c1' };
      first = (await caller.call('savePeerMessage', request)).saved;
      equal([first.previousId, first.sequence], [0, 1], 'place');
      equal((await caller.call('savePeerMessage', request)).saved, first, 'the answer to a repeat');
    }],
    ['savePeerGroupMessage', async () => {
      const { saved } = await caller.call('savePeerGroupMessage', { members: [third, user, other], content: content('two') });
      equal(saved.map(place => [place.previousId, place.sequence]), [[0, 1], [first.id, 2], [0, 1]], 'places');
    }],
    ['syncMessage in pages', async () => {
      await caller.call('savePeerMessage', { user, content: content('three'.padEnd(30_000, '.')) });
      const page = await caller.call('syncMessage', { user, lastId: 0, limit: 2 });
      equal([texts(page), page.hasMore], [['one', 'two'], true], 'first page');
      equal([page.messages[0].content.cmd, page.messages[0].content.deviceId, page.messages[0].kind, page.messages[0].clientMessageId], [-4, 9_007_199_254_740_991, 17, 'c1'], 'message');
      const next = await caller.call('syncMessage', { user, lastId: page.lastId, limit: 2 });
      equal([texts(next).map(text => text.length), next.hasMore, next.lastId === next.newestId], [[30_000], false, true], 'second page');
      const end = await caller.call('syncMessage', { user, lastId: next.lastId });
      equal([end.messages.length, end.lastId === next.lastId, end.hasMore], [0, true, false], 'third page');
    }],
    ['getNewCount', async () => {
      equal((await caller.call('getNewCount', { user, lastId: 0 })).count, 3, 'count of all');
      equal((await caller.call('getNewCount', { user, lastId: first.id })).count, 2, 'count behind the first');
    }],
    ['getLatestMessage', async () => {
      const page = await caller.call('getLatestMessage', { user, limit: 2 });
      equal([texts(page).map(text => text.slice(0, 5)), page.hasMore], [['three', 'two'], true], 'page');
    }],
    ['saveGroupMessage and syncGroupMessage', async () => {
      const { saved } = await caller.call('saveGroupMessage', { group, content: content('to the group') });
      const page = await caller.call('syncGroupMessage', { group, lastId: saved.previousId });
      equal([texts(page), page.messages[0].groupId, page.messages[0].sequence], [['to the group'], group.id, saved.sequence], 'page');
      const joined = await caller.call('syncGroupMessage', { group, joinedUs: page.messages[0].timeUs + 1 });
      equal(joined.messages.length, 0, 'messages since the user joined');
    }],
    ['follow: what is there, what comes, and the end', async () => {
      const log = await firstOf(caller.follow({ position: 1 }));
      that(log.committed >= first.id && log.epoch === 1, 'the first answer says where the log stands');
      const seen = [];
      let saved = null;
      for await (const page of caller.follow({ position: first.id })) {
        for (const record of page.records) seen.push(record);
        if (seen.length === 0) continue;
        // Everything there is has come: another record comes too.
        if (!saved && seen.at(-1).position >= log.committed) saved = (await caller.call('savePeerMessage', { user: other, content: content('live') })).saved;
        if (saved && seen.at(-1).position >= saved.id) break;
      }
      equal(seen.map((record, i) => record.position - i).filter(start => start !== first.id), [], 'gaps');
      equal([seen[0].type, seen[0].filings.length, seen[0].app], [16, 1, 0], 'first record');
      that(Buffer.from(seen.at(-1).body).includes('live'), 'the last record has its body');
    }],
    ['refusals say why', async () => {
      await refused(caller.call('savePeerMessage', { user: { id: 'nobody' }, content: content('x') }), NOT_FOUND, 'UnknownUser');
      await refused(caller.call('syncGroupMessage', { group: { number: 4_000_000 } }), NOT_FOUND, 'UnknownGroup');
      await refused(caller.call('syncMessage', { lastId: 1 }), INVALID_ARGUMENT, null);
      await refused(caller.call('savePeerMessage', { user, content: content('ü'), clientMessageId: 'ü'.repeat(33) }), INVALID_ARGUMENT, 'InvalidId');
      await refused(firstOf(caller.follow({ position: 1_000_000_000 })), OUT_OF_RANGE, null);
    }],
    ['who may not', async () => {
      await refused(caller.call('ping', {}, { token: null }), UNAUTHENTICATED, null);
      await refused(caller.call('getNewCount', { user }, { token: 'wrong' }), UNAUTHENTICATED, 'UnknownToken');
      await refused(caller.call('savePeerMessage', { user, content: content('x') }, { token: tokens.user }), PERMISSION_DENIED, 'NotAllowed');
      await refused(firstOf(caller.follow({ position: 1 }, { token: tokens.user })), PERMISSION_DENIED, 'NotAllowed');
    }],
    ['a message over the bound', async () =>
      refused(caller.call('savePeerMessage', { user, content: { raw: incompressible(5 << 20) } }), RESOURCE_EXHAUSTED, undefined)],
    ['a deadline ends a stream', async () => {
      const began = performance.now();
      await refused((async () => { for await (const _ of caller.follow({ position: 1 }, { timeoutMs: 700 })); })(), DEADLINE_EXCEEDED, undefined);
      that(performance.now() - began < 20_000, 'it ended in time');
    }],
    ['the connection still serves', async () => equal((await caller.call('ping', { value: 8 })).value, 8, 'value')],
  ]);
  caller.close();
}

/** @param refusal undefined when the caller's own library may be the one to say no. */
async function refused(call, code, refusal) {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    equal([error.code, refusal === undefined ? undefined : error.refusal], [code, refusal], `${explain(error)}: code and refusal`);
    return;
  }
  throw new Error('it was answered');
}

async function firstOf(messages) {
  for await (const message of messages) return message;
  throw new Error('the stream ended without a message');
}

function incompressible(size) {
  const bytes = Buffer.alloc(size);
  for (let i = 0, state = 1; i < size; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}
