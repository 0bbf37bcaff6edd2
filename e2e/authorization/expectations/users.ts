import type { userCases } from '../cases/users.ts'
import type { Expectations } from './expectations.ts'
import { anyone, nobody, unblocked } from './outcomes.ts'

/** Profiles, pictures, blocks and devices. */
export const userExpectations: Expectations<typeof userCases> = {
  getMe: { own: anyone(200) },
  updateMe: {
    own: anyone(200),
    others: anyone('username_taken'),
    address: anyone(200),
    tokenOnly: anyone('reauthentication_required'),
  },
  deleteMe: { own: anyone(204), others: anyone('invalid_credentials') },
  searchUsers: { own: anyone(200) },
  getUser: { own: anyone(200), others: unblocked(200), missing: nobody },
  lookupUsers: { own: anyone(200) },
  putAvatar: { own: anyone(200) },
  deleteAvatar: { own: anyone(204) },
  getAvatar: { own: anyone(200), others: unblocked(200), missing: nobody },
  exportMe: { own: anyone(200) },
  listBlocks: { own: anyone(200) },
  block: { own: anyone('conflict'), others: anyone(204), missing: nobody },
  // Whether there is such a person is not told.
  unblock: { own: anyone(204), others: anyone(204), missing: anyone(204) },
  // Devices of others are under other keys: a name that somebody else uses is free.
  putDevice: { own: anyone(204), others: anyone(204), missing: anyone(204) },
  deleteDevice: { own: anyone(204), others: anyone(204), missing: anyone(204) },
}
