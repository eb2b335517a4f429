import { equal, that } from '../report.mjs';
import { eventually } from '../timeline.mjs';
import { causes, only, refused, sameSet } from './effects.mjs';

const OWNER = 100, ORDINARY = 20;

export const isGroup = groupID => group => group.groupID === groupID;
export const isMember = (groupID, userID) => member => member.groupID === groupID && member.userID === userID;

/** Groups come, gain and lose members, and go. */
export function groupLifeScenario({ backEnd }, cast) {
  let made;
  const chosenID = `Chosen-${cast.kind}`;

  return [`${cast.kind} groups, life`, [
    ['with an id of the creator\'s choosing', async () => {
      const group = await cast.group([cast.two], { groupID: chosenID, groupName: 'Chosen' });
      equal([group.groupID, group.groupName, group.ownerUserID, group.memberCount], [chosenID, 'Chosen', cast.one.userID, 2], 'the new group (id, name, owner, members)');
    }],
    ['an id is given once', () => refused(() => cast.two.call('createGroup', { memberUserIDs: [], groupInfo: { groupID: chosenID, groupName: 'Again', groupType: 2 } }), 1202)],
    ['with an id the server makes', async () => {
      made = await cast.group([cast.two], { groupName: 'Made' });
      that(made.groupID, 'the server gave no id');
      const [known] = await cast.two.call('getSpecifiedGroupsInfo', [made.groupID]);
      equal([known.groupName, known.ownerUserID, known.creatorUserID, known.groupType, known.status], ['Made', cast.one.userID, cast.one.userID, 2, 0], 'the group at its member');
    }],
    ['an unknown member is refused', () => refused(() => cast.one.call('createGroup', { memberUserIDs: ['nobody-knows'], groupInfo: { groupName: 'No', groupType: 2 } }), 1101)],
    ['an invited user is in, and everyone is told', async () => {
      const joined = isMember(made.groupID, cast.three.userID);
      await causes(() => cast.one.call('inviteUserToGroup', { groupID: made.groupID, reason: 'come', userIDList: [cast.three.userID] }), [
        [cast.three, 'OnJoinedGroupAdded', isGroup(made.groupID)],
        ...[cast.one, cast.second, cast.two].map(device => [device, 'OnGroupMemberAdded', joined]),
      ]);
      const [member] = (await cast.two.call('getSpecifiedGroupMembersInfo', { groupID: made.groupID, userIDList: [cast.three.userID] }));
      equal([member.roleLevel, member.joinSource, member.inviterUserID], [ORDINARY, 2, cast.one.userID], 'the new member (role, source, inviter)');
    }],
    ['a text reaches every member and the sender\'s other device', async () => {
      const receivers = [cast.one, cast.second, cast.three];
      const points = receivers.map(device => device.timeline.now);
      const sent = await cast.two.sendTextToGroup('To all of you', made.groupID);
      const told = await Promise.all(receivers.map((device, i) => device.receives(sent, points[i])));
      equal(new Set(told.map(({ seq, sendTime, serverMsgID }) => [seq, sendTime, serverMsgID].join())).size, 1, 'the number of different versions told');
      that(told[0].seq > 0, 'the text has no seq');
    }],
    ['an ordinary member puts nobody out', () => refused(() => backEnd.postAs(cast.three, '/group/kick_group', { groupID: made.groupID, kickedUserIDs: [cast.two.userID], reason: '' }), 1002)],
    ['a member who is put out is told, and so are the others', async () => {
      const left = isMember(made.groupID, cast.three.userID);
      await causes(() => cast.one.call('kickGroupMember', { groupID: made.groupID, reason: 'go', userIDList: [cast.three.userID] }), [
        [cast.three, 'OnJoinedGroupDeleted', isGroup(made.groupID)],
        ...[cast.one, cast.second, cast.two].map(device => [device, 'OnGroupMemberDeleted', left]),
      ]);
      const listed = await cast.three.call('getJoinedGroupListPage', { offset: 0, count: 50 });
      that(!listed.some(isGroup(made.groupID)), 'the one put out still lists the group');
      // The JavaScript SDK answers from what it has once known, whatever it was told since.
      if (cast.isWasm) equal(await cast.three.call('isJoinGroup', made.groupID), false, 'whether the one put out thinks it is in');
      equal(await cast.two.call('isJoinGroup', made.groupID), true, 'whether a member thinks it is in');
    }],
    ['who was put out can\'t send', () => refused(() => cast.three.sendTextToGroup('Let me in', made.groupID), 1203)],
    ['the owner may not quit', () => refused(() => cast.one.call('quitGroup', made.groupID), 1002)],
    ['a member quits', async () => {
      await causes(() => cast.two.call('quitGroup', made.groupID), [
        [cast.two, 'OnJoinedGroupDeleted', isGroup(made.groupID)],
        ...[cast.one, cast.second].map(device => [device, 'OnGroupMemberDeleted', isMember(made.groupID, cast.two.userID)]),
      ]);
      await eventually(async () => {
        const members = await cast.one.call('getGroupMemberList', { groupID: made.groupID, filter: 0, offset: 0, count: 10 });
        equal(members.map(({ userID, roleLevel }) => [userID, roleLevel]), [[cast.one.userID, OWNER]], 'who is left');
      }, 'the members after quitting');
    }],
    ['a member may not dismiss', () => refused(() => cast.two.call('dismissGroup', chosenID), 1002)],
    ['a dismissed group is gone for all', async () => {
      await causes(() => cast.one.call('dismissGroup', chosenID), [cast.one, cast.second, cast.two].map(device => [device, 'OnGroupDismissed', isGroup(chosenID)]));
      await refused(() => cast.two.sendTextToGroup('Anyone?', chosenID), 1204);
    }],
    // Else the SDKs take the group for known already and tell nobody that it was joined.
    ['a change is pushed before the line in the chat that tells of it', async () => {
      for (const device of cast.everyDevice.filter(one => one.kind === 'javascript')) {
        const pushes = device.timeline.since(0, 'pushed').map(entry => entry.data).filter(({ contentType }) => contentType >= 1500 && contentType < 1600);
        that(pushes.some(push => push.isNotification), `${device.userID} was pushed no change of a group`);
        const isTooEarly = (line, i) => !line.isNotification
          && !pushes.slice(0, i).some(push => push.isNotification && push.contentType === line.contentType && push.groupID === line.groupID);
        equal(pushes.filter(isTooEarly), [], `the lines that came too early to ${device.userID}`);
      }
    }],
  ]];
}

/** What is known of a group and its members, page by page and through every filter. */
export function groupListScenario({ backEnd }, cast) {
  let group, everyone;
  const members = async (filter, offset = 0, count = 50) => (await cast.two.call('getGroupMemberList', { groupID: group.groupID, filter, offset, count })).map(member => member.userID);
  const names = list => list.map(item => item.userID);
  // The JavaScript SDK takes a filter and always asks for everyone.
  const filtered = async filter => cast.isWasm ? members(filter)
    : names((await backEnd.postAs(cast.two, '/group/get_group_member_list', { groupID: group.groupID, filter, keyword: '', pagination: { pageNumber: 1, showNumber: 50 } })).members);

  return [`${cast.kind} groups, lists`, [
    ['a group with an admin and members who are never there', async () => {
      group = await cast.group([cast.two, cast.three], { groupName: `Listed ${cast.kind}` });
      everyone = [...cast.ids, ...cast.bystanders];
      await backEnd.post('/group/invite_user_to_group', { groupID: group.groupID, reason: '', invitedUserIDs: cast.bystanders });
      await cast.one.call('setGroupMemberInfo', { groupID: group.groupID, userID: cast.two.userID, roleLevel: 60 });
      await eventually(async () => sameSet(await members(0), everyone, 'the members'), 'the members as an SDK knows them');
      await eventually(async () => sameSet(await filtered(2), [cast.two.userID], 'the admins'), 'the admins as an SDK knows them');
    }],
    ['members by role', async () => {
      const [owner, admin, ...ordinary] = everyone;
      const expected = [everyone, [owner], [admin], ordinary, [admin, ...ordinary], [owner, admin]];
      for (const [filter, userIDs] of expected.entries()) sameSet(await filtered(filter), userIDs, `the members through filter ${filter}`);
    }],
    ['members page by page, highest role first', async () => {
      const pages = [await members(0, 0, 3), await members(0, 3, 3), await members(0, 6, 3)];
      sameSet(pages.flat(), everyone, 'the members of all pages');
      equal(pages[0].slice(0, 2), everyone.slice(0, 2), 'the first two');
    }],
    ['which of some users are in', async () => {
      const userIDList = [cast.three.userID, 'nobody-knows'];
      sameSet(await cast.one.call('getUsersInGroup', { groupID: group.groupID, userIDList }), [cast.three.userID], 'the users in the group');
    }],
    ['joined groups page by page', async () => {
      const more = [];
      for (let i = 0; i < 3; i++) more.push((await cast.group([cast.three], { groupName: `Paged ${i}` })).groupID);
      const paged = [];
      for (let page; page?.length !== 0 && paged.length < 100; paged.push(...page)) {
        page = (await cast.three.call('getJoinedGroupListPage', { offset: paged.length, count: 2 })).map(joined => joined.groupID);
      }
      that([group.groupID, ...more].every(id => paged.includes(id)), `groups are missing in ${paged}`);
      equal(new Set(paged).size, paged.length, 'the number of different groups');
    }],
    ...only(cast.isWasm,
      ['joined groups at once', async () => {
        const all = (await cast.three.call('getJoinedGroupList')).map(joined => joined.groupID);
        that(all.includes(group.groupID), `the group is missing in ${all}`);
      }],
      // Its local database takes ordinary members for admins; they come last.
      ['owner and admins', async () => {
        equal(names(await cast.three.call('getGroupMemberOwnerAndAdmin', group.groupID)).slice(0, 2), everyone.slice(0, 2), 'the owner and the admins');
      }],
      ['members and groups by a word', async () => {
        const words = { groupID: group.groupID, keywordList: [cast.bystanders[0]], isSearchUserID: true, isSearchMemberNickname: true, offset: 0, count: 10 };
        sameSet(names(await cast.three.call('searchGroupMembers', words)), [cast.bystanders[0]], 'the members found');
        const found = await cast.three.call('searchGroups', { keywordList: [`Listed ${cast.kind}`], isSearchGroupID: false, isSearchGroupName: true });
        equal(found.map(one => one.groupID), [group.groupID], 'the groups found');
      }]),
  ]];
}
