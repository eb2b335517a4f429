import { WINDOWS } from '../devices.mjs';
import { causes } from './effects.mjs';

/** Three users with the SDK of one kind, and a second device of the first. They stay logged in from area to area. */
export class Cast {
  constructor(kind, [one, two, three], bystanders) {
    this.kind = kind;
    this.isWasm = kind === 'wasm';
    this.ids = [one, two, three];
    /** Registered, but never on any device. */
    this.bystanders = bystanders;
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

  /** A group of the first user's with these members, known to every device of theirs. */
  group(members, info = {}) {
    let groupID;
    return causes(async () => {
      const group = await this.one.call('createGroup', {
        memberUserIDs: members.map(member => member.userID),
        groupInfo: { groupName: `Group of ${this.kind}`, groupType: 2, ...info },
      });
      groupID = group.groupID;
      return group;
    }, [this.one, this.second, ...members].map(device => [device, 'OnJoinedGroupAdded', group => group.groupID === groupID]));
  }
}
