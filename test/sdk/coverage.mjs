// Which check holds which function of the SDKs. A function that is neither here nor excused fails the run, and so does a name no SDK has.

import { that } from './report.mjs';

/** The check, without the SDK's name in front of it, and what it calls in both SDKs. */
const BOTH = {
  'cast: three users log in, one on two devices': ['login'],
  'groups, life: with an id of the creator\'s choosing': ['createGroup'],
  'groups, life: with an id the server makes': ['getSpecifiedGroupsInfo'],
  'groups, life: an invited user is in, and everyone is told': ['inviteUserToGroup', 'getSpecifiedGroupMembersInfo'],
  'groups, life: a member who is put out is told, and so are the others': ['kickGroupMember', 'isJoinGroup'],
  'groups, life: a member quits': ['quitGroup', 'getGroupMemberList'],
  'groups, life: a dismissed group is gone for all': ['dismissGroup'],
  'groups, lists: which of some users are in': ['getUsersInGroup'],
  'groups, lists: joined groups page by page': ['getJoinedGroupListPage'],
  'groups, joining: an open group lets anyone in': ['joinGroup'],
  'groups, joining: both sides list it, open': ['getGroupApplicationListAsRecipient', 'getGroupApplicationListAsApplicant'],
  'groups, joining: the applicant is told of a refusal': ['refuseGroupApplication'],
  'groups, joining: who asks again and is accepted is in': ['acceptGroupApplication'],
  'groups, rights: the owner makes an admin': ['setGroupMemberInfo'],
  'groups, rights: a muted member can\'t speak, the others can': ['changeGroupMemberMute'],
  'groups, rights: the owner gives the group away': ['transferGroupOwner'],
  'groups, info: a new name': ['setGroupInfo'],
  'contacts, friends: an application is told': ['addFriend', 'getFriendListPage'],
  'contacts, friends: both sides list it, open': ['getFriendApplicationListAsApplicant', 'getFriendApplicationListAsRecipient'],
  'contacts, friends: the applicant is told of a refusal, on every device': ['refuseFriendApplication'],
  'contacts, friends: who asks again and is accepted has a friend, on every device': ['acceptFriendApplication'],
  'contacts, friends: both are in the other\'s list': ['checkFriend', 'getSpecifiedFriendsInfo'],
  'contacts, friends: a remark, a pin and an ex': ['updateFriends'],
  'contacts, friends: a friend is deleted on one side, on every device of it': ['deleteFriend'],
  'contacts, blacklist: an entry is told to every device of its owner': ['addBlack', 'getBlackList'],
  'contacts, blacklist: who is taken off can send': ['removeBlack'],
  'conversations, settings: a conversation comes with its first message': ['createTextMessage', 'sendMessage', 'getOneConversation'],
  'conversations, settings: pinned': ['setConversation', 'getConversationListSplit'],
  'conversations, unread: nothing is unread after reading': ['markConversationMessageAsRead', 'getTotalUnreadMsgCount'],
  'conversations, clearing: deleted until the next message': ['deleteConversationAndDeleteAllMsg'],
  'messages, kinds: custom': ['createCustomMessage', 'getAdvancedHistoryMessageList'],
  'messages, kinds: card': ['createCardMessage'],
  'messages, kinds: location': ['createLocationMessage'],
  'messages, kinds: face': ['createFaceMessage'],
  'messages, kinds: quote': ['createQuoteMessage'],
  'messages, kinds: merged': ['createMergerMessage'],
  'messages, kinds: forwarded': ['createForwardMessage'],
  'messages, kinds: picture by URL': ['createImageMessageByURL', 'sendMessageNotOss'],
  'messages, kinds: sound by URL': ['createSoundMessageByURL'],
  'messages, kinds: video by URL': ['createVideoMessageByURL'],
  'messages, kinds: file by URL': ['createFileMessageByURL'],
  'messages, kinds: a mention of one member': ['createTextAtMessage'],
  'messages, kinds: typing': ['changeInputStates'],
  'messages, operations: its sender can, and it is told': ['revokeMessage'],
  'messages, operations: deleted for one, there for the other': ['deleteMessage'],
  'messages, all deleted: for one user, in every conversation': ['deleteAllMsgFromLocalAndSvr'],
  'users: one knows oneself': ['getSelfUserInfo'],
  'users: and others, but not who does not exist': ['getUsersInfo'],
  'users: a face and an ex': ['setSelfInfo'],
  'presence: of a user who was never there': ['subscribeUsersStatus'],
  'presence: who looks away is not told': ['unsubscribeUsersStatus'],
  'absence: and leaves for good': ['getLoginStatus', 'logout'],
};

const WASM = {
  'groups, lists: joined groups at once': ['getJoinedGroupList'],
  'groups, lists: owner and admins': ['getGroupMemberOwnerAndAdmin'],
  'groups, lists: members and groups by a word': ['searchGroupMembers', 'searchGroups'],
  'groups, joining: and it counts as unhandled': ['getGroupApplicationUnhandledCount'],
  'groups, rights: the older name of that function': ['setGroupMemberRoleLevel'],
  'groups, info: the older names of that function': ['setGroupVerification', 'setGroupLookMemberInfo', 'setGroupApplyMemberFriend'],
  'groups, info: the older name of that function': ['setGroupMemberNickname'],
  'contacts, friends: and it counts as unhandled': ['getFriendApplicationUnhandledCount'],
  'contacts, friends: the older names of that function': ['setFriendRemark', 'pinFriends'],
  'contacts, friends: friends at once and by a word': ['getFriendList', 'searchFriends'],
  'conversations, settings: the older names of that function': ['pinConversation', 'setConversationRecvMessageOpt', 'setConversationEx', 'setConversationBurnDuration',
    'setConversationPrivateChat', 'setConversationMsgDestructTime', 'setConversationIsMsgDestruct'],
  'conversations, settings: a draft stays on its device': ['setConversationDraft'],
  'conversations, settings: all at once, and some by id': ['getAllConversationList', 'getMultipleConversation'],
  'conversations, clearing: cleared for one, whole for the other': ['clearConversationAndDeleteAllMsg'],
  'conversations, clearing: hidden until the next message': ['hideConversation'],
  'messages, kinds: text with marks': ['createAdvancedTextMessage'],
  'messages, kinds: quote with marks': ['createAdvancedQuoteMessage'],
  'messages, kinds: the older name for the mark': ['resetConversationGroupAtType'],
  'messages, kinds: the older name for typing': ['typingStatusUpdate'],
  'messages, operations: history forwards': ['getAdvancedHistoryMessageListReverse'],
  'users: the older name of that function': ['SetSelfInfoEx'],
  'users: everything received without a sound': ['setGlobalRecvMessageOpt'],
  'presence: background and network': ['setAppBackgroundStatus', 'networkStatusChanged'],
};

const JAVASCRIPT = {
  'groups, rights: in a muted group only owner and admins speak': ['changeGroupMute'],
  'messages, kinds: typing': ['getInputStates'],
  'presence: and known': ['getSubscribeUsersStatus'],
};

// Held to: the wasm core of the package has no such function, so a call can reach no server.
const NOT_IN_CORE = {
  'commercial: calls': ['signalingInvite', 'signalingInviteInGroup', 'signalingAccept', 'signalingReject', 'signalingCancel', 'signalingHungUp', 'signalingGetRoomByGroupID',
    'signalingGetTokenByRoomID', 'getSignalingInvitationInfoStartApp', 'signalingSendCustomSignal'],
  'commercial: read receipts of groups': ['sendGroupMessageReadReceipt', 'getGroupMessageReaderList'],
  'commercial: messages': ['fetchSurroundingMessages', 'createTargetedGroupMessage', 'modifyMessage', 'deleteMessages', 'deleteUserAllMessagesInConv', 'setConversationPinnedMsg',
    'getConversationPinnedMsg', 'createMarkdownMessage', 'setMessageLocalContent', 'speechToText', 'speechToTextCapabilities'],
  'commercial: groups of conversations': ['createConversationGroup', 'updateConversationGroup', 'deleteConversationGroup', 'getConversationGroups', 'setConversationGroupOrder',
    'addConversationsToGroups', 'removeConversationsFromGroups', 'getConversationGroupIDsByConversationID', 'getConversationGroupInfoWithConversations'],
  'commercial: applications': ['deleteFriendRequests', 'deleteGroupRequests'],
  'names the core has lost': ['getHistoryMessageListReverse', 'getLoginUserID', 'deleteAllConversationFromLocal', 'getInputstates', 'getConversationIDBySessionType',
    'getConversationRecvMessageOpt'],
};

const EXCUSED = {
  wasm: {
    'upload comes with media': ['createImageMessageByFile', 'createSoundMessageByFile', 'createVideoMessageByFile', 'createFileMessageByFile', 'uploadFile', 'fileMapSet'],
    'the local database only': ['setMessageLocalEx', 'deleteMessageFromLocalStorage', 'deleteAllMsgFromLocal', 'insertSingleMessageToLocalStorage', 'insertGroupMessageToLocalStorage',
      'searchLocalMessages', 'findMessageList', 'exportDB', 'deleteConversation'],
    'the core answers that it does not implement it': ['getUserStatus', 'getGroupMemberListByJoinTimeFilter'],
    'the core answers an empty list, whoever is subscribed': ['getSubscribeUsersStatus'],
    'hands its core an argument too many': ['changeGroupMute', 'setFriendsEx'],
    'its own plumbing': ['constructor', '_logWrap', '_invoker', 'emit', 'on', 'off'],
  },
  javascript: {
    'upload comes with media': ['createImageMessageByFile', 'createSoundMessageByFile', 'createVideoMessageByFile', 'createFileMessageByFile', 'uploadFile', 'internalUploadFile'],
    'says itself that it is not there yet': ['getAdvancedHistoryMessageListReverse'],
    'its own plumbing': ['constructor', 'generateHttpHeader', 'sendHttpRequest', 'handleWsConnected', 'handleMessage', 'handleGeneralWsResp', 'handleReconnecting', 'handleReconnectFailed',
      'handleReconnectSuccess', 'sendReqWaitResp', 'triggerEvent', 'reset', 'emit', 'on', 'off'],
  },
};

const tables = { wasm: [BOTH, WASM], javascript: [BOTH, JAVASCRIPT] };
const checksOf = kind => tables[kind].flatMap(Object.entries);
const namesIn = table => Object.values(table).flat();

/** Keeps which function each check called, to hold the table above to it. */
export class Coverage {
  #report;
  #called = new Set();

  constructor(report) {
    this.#report = report;
  }

  note(kind, name) {
    this.#called.add(`${this.#report.current}|${kind}|${name}`);
  }

  /** The table names every function of this SDK, and none that it does not have. */
  isComplete({ kind, methods }) {
    return [`${kind} coverage`, [
      ['every function is covered or excused', async () => {
        const named = this.#named(kind);
        const missing = (await methods()).map(method => method.name).filter(name => !named.includes(name));
        that(missing.length === 0, `neither covered nor excused: ${missing.join(', ')}`);
      }],
      ['every function named is there', async () => {
        const there = (await methods()).map(method => method.name);
        const invented = this.#named(kind).filter(name => !there.includes(name));
        that(invented.length === 0, `the SDK has no ${invented.join(', ')}`);
      }],
      ['every function is named once', async () => {
        const named = this.#named(kind);
        const twice = named.filter((name, i) => named.indexOf(name) !== i);
        that(twice.length === 0, `named twice: ${twice.join(', ')}`);
      }],
      ['what is excused as not in the core is not there', async () => {
        const absent = kind === 'wasm' ? namesIn(NOT_IN_CORE) : [];
        const there = (await methods()).filter(method => absent.includes(method.name) && method.isInCore).map(method => method.name);
        that(there.length === 0, `the core has ${there.join(', ')}`);
      }],
    ]];
  }

  /** Each check named in the table was there, and if it held, it did call what it is named for. */
  isTrue(kind) {
    return [`${kind} coverage, in the end`, [
      ['every check did what it is named for', async () => {
        const lies = checksOf(kind).flatMap(([check, names]) => names.filter(name => !this.#called.has(`${kind} ${check}|${kind}|${name}`)).map(name => `${name} by "${check}"`));
        that(lies.length === 0, `${lies.length} not called with success: ${lies.join('; ')}`);
      }],
    ]];
  }

  #named(kind) {
    return [...checksOf(kind).flatMap(([, names]) => names), ...namesIn(EXCUSED[kind]), ...(kind === 'wasm' ? namesIn(NOT_IN_CORE) : [])];
  }
}
