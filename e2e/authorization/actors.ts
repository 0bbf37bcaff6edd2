/** Everyone who may try something, by what they are to the group that is tried. */
export const actors = [
  /** Nobody is signed in. */
  'anonymous',
  /** Took part, and deleted their account; the access token would still be good for minutes. */
  'deleted',
  /** Takes part, and this session was ended from another device. */
  'revoked',
  /** Has nothing to do with the group. */
  'stranger',
  /** The owner has blocked them. */
  'blocked',
  /** They have blocked the owner. */
  'blocker',
  /** Took part, and was removed. */
  'former',
  /** Is asked to join, and has not answered. */
  'invited',
  'participant',
  'admin',
  'owner',
] as const

export type Actor = (typeof actors)[number]
