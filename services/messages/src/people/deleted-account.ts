import type { PublicUser } from '@finnigram/contracts'

/** Who stands where somebody's account was: the messages stay, nothing personal does. */
export const deletedAccount = (id: string, createdAt: string): PublicUser => ({
  id,
  username: 'deleted',
  displayName: 'Deleted account',
  bio: '',
  avatarUrl: null,
  createdAt,
  lastSeenAt: null,
  deleted: true,
})
