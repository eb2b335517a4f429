import { WINDOWS } from '../devices.mjs';
import { eventually } from '../timeline.mjs';
import { causes, sameSet } from './effects.mjs';

/** Three users with the SDK of one kind, and a second device of the first. They stay logged in from area to area. */
export class Cast {
  constructor(kind, [one, two, three], bystanders) {
    this.kind = kind;
    this.isWasm = kind === 'wasm';
    this.ids = [one, two, three];
    /** Registered, but never on any device. */
    this.bystanders = bystanders;
  }

  /** The same with other users. */
  again() {
    return new Cast(this.kind, ...[this.ids, this.bystanders].map(ids => ids.map(id => `${id}_again`)));
  }

  get everyDevice() {
    return [this.one, this.second, this.two, this.three];
  }

  /** The second device always has the JavaScript SDK, so that in one of the two runs a user has both. */
  static scenario({ devices }, cast) {
    return [`${cast.kind} cast`, [
      ['three users log in, one on two devices', async () => {
        [cast.one, cast.two, cast.three] = await Promise.all(cast.ids.map(id => devices.loggedIn(devices.open(cast.kind, id))));
        cast.second = await devices.loggedIn(devices.javaScript(cast.ids[0], WINDOWS));
      }],
    ]];
  }

  /** A group of the first user's with these members, known to every device of theirs, members and all: what a device learns together with the group it tells no event of. */
  async group(members, info = {}) {
    let groupID;
    const devices = [this.one, this.second, ...members];
    const made = await causes(async () => {
      const group = await this.one.call('createGroup', {
        memberUserIDs: members.map(member => member.userID),
        groupInfo: { groupName: `Group of ${this.kind}`, groupType: 2, ...info },
      });
      groupID = group.groupID;
      return group;
    }, devices.map(device => [device, 'OnJoinedGroupAdded', group => group.groupID === groupID]));
    const all = [this.one, ...members].map(device => device.userID);
    for (const device of devices)
      await eventually(async () => sameSet((await device.call('getGroupMemberList', { groupID, filter: 0, offset: 0, count: 100 })).map(member => member.userID), all, 'the members'), `the new group at ${device.userID}`);
    return made;
  }
}
