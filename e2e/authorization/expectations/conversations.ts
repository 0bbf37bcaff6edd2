import type { conversationCases } from '../cases/conversations.ts'
import type { Expectations } from './expectations.ts'
import {
  anyone,
  holders,
  insiders,
  insidersAndInvited,
  managers,
  newcomers,
  nobody,
  owners,
  unblocked,
} from './outcomes.ts'

/** Groups, who is in them, and how to get in. */
export const conversationExpectations: Expectations<typeof conversationCases> = {
  createConversation: { own: anyone(200), others: unblocked(201), missing: nobody },
  listConversations: { own: anyone(200) },
  getConversation: { own: insidersAndInvited(200), others: nobody, missing: nobody },
  updateConversation: { own: managers(200), others: nobody, missing: nobody },
  listParticipants: { own: insiders(200), others: nobody, missing: nobody },
  // Who is in no conversation of the caller's is left out, like who does not exist.
  lookupParticipants: { own: anyone(200), missing: anyone(200) },
  addParticipants: { own: managers(200), others: nobody, missing: nobody },
  changeRole: { own: owners(200), others: nobody, missing: nobody, absent: nobody },
  removeParticipant: {
    // The participant leaves.
    own: insiders(204),
    others: nobody,
    missing: nobody,
    absent: nobody,
    above: { ...insiders('forbidden'), owner: 'last_owner' },
    // Leaving, and declining.
    self: { ...insidersAndInvited(204), owner: 'last_owner' },
  },
  acceptInvitation: { own: insidersAndInvited(200), others: nobody, missing: nobody },
  listInvitations: { own: managers(200), others: nobody, missing: nobody },
  withdrawInvitation: {
    own: managers(204),
    others: nobody,
    missing: nobody,
    // Somebody who is not asked.
    absent: { ...nobody, participant: 'forbidden' },
  },
  updateConversationMe: { own: insiders(200), others: nobody, missing: nobody },
  putConversationAvatar: { own: managers(200), others: nobody, missing: nobody },
  deleteConversationAvatar: { own: managers(204), others: nobody, missing: nobody },
  getConversationAvatar: { own: insidersAndInvited(200), others: nobody, missing: nobody },
  createInvite: { own: managers(201), others: nobody, missing: nobody },
  listInvites: { own: managers(200), others: nobody, missing: nobody },
  revokeInvites: { own: managers(204), others: nobody, missing: nobody },
  revokeInvite: {
    own: managers(204),
    others: nobody,
    missing: nobody,
    // A code that is not this group's.
    absent: { ...nobody, participant: 'forbidden' },
  },
  // Whoever holds the link was given it; a revoked one leads those who are in to where they are.
  getInvite: { own: holders(anyone(200)), others: newcomers('gone'), missing: nobody },
  getInviteAvatar: { own: holders(anyone(200)), others: newcomers('gone'), missing: nobody },
  acceptInvite: { own: holders(anyone(200)), others: newcomers('gone'), missing: nobody },
}
