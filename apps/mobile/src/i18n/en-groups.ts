import type { Catalogue } from './translate.ts'

/** What the app says of invitations to groups, and of who may add whom; part of the English catalogue. */
export const groupTexts = {
  invitations: 'Invitations',
  invitation: 'Invitation',
  invitedBy: '{name} invited you · {members}',
  invitedToGroup: '{name} invited you to this group',
  invitationHint:
    'Messages are shown to you only after you accept. Nobody in the group is told if you decline.',
  acceptInvitation: 'Accept',
  declineInvitation: 'Decline',
  blockPerson: 'Block {name}',
  blockQuestion: 'Block {name}?',
  blockBody: 'They can no longer write to you, find you, or invite you. This invitation goes, too.',
  invitedTitle: 'Invited, not here yet',
  withdraw: 'Withdraw',
  withdrawFor: 'Withdraw the invitation of {name}',
  privacy: 'Privacy',
  whoAddsToGroups: 'Who can add me to groups',
  whoAddsHint: 'Others can invite you, and you decide.',
  addEveryone: 'Everyone',
  addContacts: 'People I talk to',
  addNobody: 'Nobody',
  inviteRemovedTitle: 'You were removed from this group',
  inviteRemovedBody: 'An admin of the group can add you again.',
} as const satisfies Catalogue
