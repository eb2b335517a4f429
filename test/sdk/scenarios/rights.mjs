import { equal, that } from '../report.mjs';
import { causes, only, refused } from './effects.mjs';
import { isGroup, isMember } from './groups.mjs';

const OWNER = 100, ADMIN = 60, ORDINARY = 20;
const NORMAL = 0, MUTED = 3;

/** Owner, admins and ordinary members; who may speak. */
export function groupRightScenario({ backEnd }, cast) {
  let groupID;

  const all = () => cast.everyDevice;
  const role = (userID, roleLevel) => member => isMember(groupID, userID)(member) && member.roleLevel === roleLevel;
  const setRole = (by, device, roleLevel) => () => by.call('setGroupMemberInfo', { groupID, userID: device.userID, roleLevel });
  const mute = (by, device, mutedSeconds) => () => by.call('changeGroupMemberMute', { groupID, userID: device.userID, mutedSeconds });
  // The wasm SDK hands its core one argument too many, which the core answers with "index out of range".
  const muteAll = isMute => () => cast.isWasm ? backEnd.postAs(cast.two, isMute ? '/group/mute_group' : '/group/cancel_mute_group', { groupID })
    : cast.two.call('changeGroupMute', { groupID, isMute });
  const status = wanted => group => group.groupID === groupID && group.status === wanted;
  const mayNotSpeak = (device, code) => refused(() => device.sendTextToGroup('Hm', groupID), code);

  return [`${cast.kind} groups, rights`, [
    ['the owner makes an admin', async () => {
      ({ groupID } = await cast.group([cast.two, cast.three]));
      await causes(setRole(cast.one, cast.two, ADMIN), all().map(device => [device, 'OnGroupMemberInfoChanged', role(cast.two.userID, ADMIN)]));
    }],
    ['an ordinary member makes nobody an admin', () => refused(setRole(cast.three, cast.three, ADMIN), 1002)],
    ['an admin makes nobody an admin', () => refused(setRole(cast.two, cast.three, ADMIN), 1002)],
    ['an ordinary member may not name the group', () => refused(() => cast.three.call('setGroupInfo', { groupID, groupName: 'Mine' }), 1002)],
    ['a muted member can\'t speak, the others can', async () => {
      await causes(mute(cast.two, cast.three, 600),
        all().map(device => [device, 'OnGroupMemberInfoChanged', member => isMember(groupID, cast.three.userID)(member) && member.muteEndTime > Date.now()]));
      await mayNotSpeak(cast.three, 1402);
      await cast.two.sendTextToGroup('I can', groupID);
    }],
    ['an ordinary member mutes nobody', () => refused(mute(cast.three, cast.two, 60), 1002)],
    ['an admin does not mute the owner', () => refused(mute(cast.two, cast.one, 60), 1002)],
    ['and speaks again', async () => {
      await causes(mute(cast.two, cast.three, 0), [cast.one, cast.three].map(device => [device, 'OnGroupMemberInfoChanged', isMember(groupID, cast.three.userID)]));
      await cast.three.sendTextToGroup('Thanks', groupID);
    }],
    ['in a muted group only owner and admins speak', async () => {
      await causes(muteAll(true), all().map(device => [device, 'OnGroupInfoChanged', status(MUTED)]));
      await mayNotSpeak(cast.three, 1403);
      await cast.two.sendTextToGroup('Order!', groupID);
      await cast.one.sendTextToGroup('Please', groupID);
      await causes(muteAll(false), all().map(device => [device, 'OnGroupInfoChanged', status(NORMAL)]));
      await cast.three.sendTextToGroup('Sorry', groupID);
    }],
    ['an admin puts no admin out', async () => {
      await causes(setRole(cast.one, cast.three, ADMIN), [[cast.two, 'OnGroupMemberInfoChanged', role(cast.three.userID, ADMIN)]]);
      await refused(() => cast.two.call('kickGroupMember', { groupID, reason: '', userIDList: [cast.three.userID] }), 1002);
    }],
    ['an admin becomes ordinary again', () => causes(setRole(cast.one, cast.three, ORDINARY), all().map(device => [device, 'OnGroupMemberInfoChanged', role(cast.three.userID, ORDINARY)]))],
    ...only(cast.isWasm, ['the older name of that function', () => causes(() => cast.one.call('setGroupMemberRoleLevel', { groupID, userID: cast.three.userID, roleLevel: ADMIN }),
      [[cast.three, 'OnGroupMemberInfoChanged', role(cast.three.userID, ADMIN)]])]),
    ['only the owner gives the group away', () => refused(() => cast.two.call('transferGroupOwner', { groupID, newOwnerUserID: cast.two.userID }), 1002)],
    ['the owner gives the group away', async () => {
      await causes(() => cast.one.call('transferGroupOwner', { groupID, newOwnerUserID: cast.two.userID }), all().flatMap(device => [
        [device, 'OnGroupInfoChanged', group => isGroup(groupID)(group) && group.ownerUserID === cast.two.userID],
        [device, 'OnGroupMemberInfoChanged', role(cast.two.userID, OWNER)],
      ]));
      const [before] = await cast.three.call('getSpecifiedGroupMembersInfo', { groupID, userIDList: [cast.one.userID] });
      equal(before.roleLevel, ORDINARY, 'the role of the owner before');
      await cast.one.call('quitGroup', groupID);
    }],
  ]];
}

/** What a group and its members say of themselves. */
export function groupInfoScenario(_, cast) {
  let groupID;

  const changes = (by, name, params, expected) => causes(() => by.call(name, { groupID, ...params }),
    cast.everyDevice.map(device => [device, 'OnGroupInfoChanged', group => isGroup(groupID)(group) && Object.entries(expected).every(([key, value]) => group[key] === value)]));
  const sets = info => changes(cast.one, 'setGroupInfo', info, info);
  const renames = (by, name, params, key, value) => causes(() => by.call(name, { groupID, userID: cast.three.userID, ...params }),
    cast.everyDevice.map(device => [device, 'OnGroupMemberInfoChanged', member => isMember(groupID, cast.three.userID)(member) && member[key] === value]));

  return [`${cast.kind} groups, info`, [
    ['a new name', async () => {
      ({ groupID } = await cast.group([cast.two, cast.three]));
      await sets({ groupName: 'A better name' });
    }],
    ['an announcement, and who made it', async () => {
      await sets({ notification: 'Cake at four' });
      const [group] = await cast.two.call('getSpecifiedGroupsInfo', [groupID]);
      equal([group.notification, group.notificationUserID], ['Cake at four', cast.one.userID], 'the announcement and its author');
      that(group.notificationUpdateTime >= group.createTime, 'the time of the announcement lies before the group');
    }],
    ['everything else', () => sets({ introduction: 'Who we are', faceURL: 'http://127.0.0.1/face.png', ex: '{"colour":"red"}', needVerification: 2, lookMemberInfo: 1, applyMemberFriend: 1 })],
    ['what was not named stays', async () => {
      const [group] = await cast.three.call('getSpecifiedGroupsInfo', [groupID]);
      equal([group.groupName, group.notification, group.introduction, group.memberCount], ['A better name', 'Cake at four', 'Who we are', 3], 'the group (name, announcement, introduction, members)');
    }],
    ...only(cast.isWasm,
      ['the older names of that function', async () => {
        await changes(cast.one, 'setGroupVerification', { verification: 1 }, { needVerification: 1 });
        await changes(cast.one, 'setGroupLookMemberInfo', { rule: 0 }, { lookMemberInfo: 0 });
        await changes(cast.one, 'setGroupApplyMemberFriend', { rule: 0 }, { applyMemberFriend: 0 });
      }]),
    ['a member names itself', () => renames(cast.three, 'setGroupMemberInfo', { nickname: 'Trio' }, 'nickname', 'Trio')],
    ['a member\'s face and ex', async () => {
      await renames(cast.three, 'setGroupMemberInfo', { faceURL: 'http://127.0.0.1/trio.png' }, 'faceURL', 'http://127.0.0.1/trio.png');
      await renames(cast.three, 'setGroupMemberInfo', { ex: 'third' }, 'ex', 'third');
    }],
    ...only(cast.isWasm, ['the older name of that function', () => renames(cast.one, 'setGroupMemberNickname', { groupMemberNickname: 'Tercet' }, 'nickname', 'Tercet')]),
    ['an ordinary member names nobody else', () => refused(() => cast.three.call('setGroupMemberInfo', { groupID, userID: cast.two.userID, nickname: 'Silly' }), 1002)],
  ]];
}
