/** A part of the API as a reader meets it: its calls, the first ones first. */
export interface ReferenceChapter {
  name: string
  description: string
  calls: readonly string[]
}

/**
 * Every public call in the order of a reader: who signs in comes first. A test tells which one is
 * missing.
 */
export const chapters: readonly ReferenceChapter[] = [
  {
    name: 'Signing in',
    description:
      'Accounts, sessions and tokens, passwords, addresses, second factors, and what happened to an account.',
    calls: [
      'register',
      'login',
      'refresh',
      'logout',
      'reauthenticate',
      'listSessions',
      'endSession',
      'endOtherSessions',
      'changePassword',
      'forgotPassword',
      'resetPassword',
      'verifyEmail',
      'resendVerification',
      'startTotp',
      'confirmTotp',
      'endTotp',
      'listActivity',
      'jwks',
    ],
  },
  {
    name: 'My profile',
    description: 'What others see of me, what I prefer, and all of mine as a file.',
    calls: ['getMe', 'updateMe', 'putAvatar', 'deleteAvatar', 'exportMe', 'deleteMe'],
  },
  {
    name: 'People',
    description: 'Finding others, their profiles and pictures, and blocking.',
    calls: ['searchUsers', 'getUser', 'lookupUsers', 'getAvatar', 'listBlocks', 'block', 'unblock'],
  },
  {
    name: 'Conversations',
    description:
      'Direct conversations and groups: making, reading and changing them, and how they stand for me.',
    calls: [
      'createConversation',
      'listConversations',
      'getConversation',
      'updateConversation',
      'updateConversationMe',
      'getConversationAvatar',
      'putConversationAvatar',
      'deleteConversationAvatar',
    ],
  },
  {
    name: 'Participants',
    description: 'Who takes part in a group, in which role, and who is asked to.',
    calls: [
      'listParticipants',
      'lookupParticipants',
      'addParticipants',
      'changeRole',
      'removeParticipant',
      'listInvitations',
      'acceptInvitation',
      'withdrawInvitation',
    ],
  },
  {
    name: 'Invite links',
    description: 'Links by which people join a group themselves.',
    calls: [
      'createInvite',
      'listInvites',
      'revokeInvite',
      'revokeInvites',
      'getInvite',
      'getInviteAvatar',
      'acceptInvite',
    ],
  },
  {
    name: 'Messages',
    description: 'Sending, reading and changing messages; how far one has read; reactions, pins and stars.',
    calls: [
      'sendMessage',
      'sendMessages',
      'listMessages',
      'getMessage',
      'editMessage',
      'deleteMessage',
      'markDelivered',
      'markRead',
      'addReaction',
      'removeReaction',
      'listPins',
      'pinMessage',
      'unpinMessage',
      'listStars',
      'starMessage',
      'unstarMessage',
    ],
  },
  {
    name: 'Files',
    description: 'Uploads in pieces that can be resumed (tus 1.0.0), and what was uploaded.',
    calls: [
      'describeUploads',
      'createUpload',
      'headUpload',
      'patchUpload',
      'deleteUpload',
      'getAttachmentInfo',
      'getAttachment',
      'getThumbnail',
    ],
  },
  {
    name: 'Search',
    description: 'Messages of mine by their words.',
    calls: ['searchMessages'],
  },
  {
    name: 'Sync',
    description: 'Bringing a device up to date after it was away; news come over the socket.',
    calls: ['sync', 'listEvents'],
  },
  {
    name: 'Notifications',
    description: 'Which devices are notified, and how.',
    calls: ['getPushKey', 'putDevice', 'deleteDevice', 'testPush'],
  },
]
