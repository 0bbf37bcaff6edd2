import type { Catalogue } from './translate.ts'

/** What went wrong and what to do; part of the English catalogue. */
export const problemTexts = {
  problemNetwork: 'The server cannot be reached. Check your connection and try again.',
  problemCredentials: 'The username or the password is wrong.',
  problemUsernameTaken: 'Somebody has this name already. Try another.',
  problemEmailTaken: 'This address belongs to another account.',
  problemCode: 'This code is wrong, or was used already.',
  problemGroupFull: 'This group is full.',
  problemRateLimited: 'Too many tries. Wait a moment, then try again.',
  problemUnavailable: 'The server is busy right now. Try again in a moment.',
  problemInvalid: 'The server does not take this. Change it, then try again.',
  problemSignedOut: 'You were signed out. Sign in again, then try again.',
  problemForbidden: 'You may not do this. Ask somebody who may, such as an admin.',
  problemGone: 'This is no longer there. Go back and look again.',
  problemConflict: 'Something changed meanwhile. Look again, then try again.',
  problemLastOwner: 'A group needs an owner. Make somebody else one first.',
  problemTooLarge: 'This is too large. Try less at once.',
  problemQuota: 'Your space on this server is used up. Delete files first.',
  problemMedia: 'The server does not take this kind of file. Try another.',
  problemPersonGone: 'You cannot start a chat with this person. Look for them again.',
  problemSomebodyGone: 'Somebody you chose cannot be added. Go back and choose again.',
  problemEarlier: 'Earlier messages cannot be loaded.',
  problemLater: 'Newer messages cannot be loaded.',
  problemMembers: 'Not all members can be loaded.',
  problemInvitations: 'Who was invited cannot be loaded.',
  problemUnknown: 'That did not work. Try again.',
} as const satisfies Catalogue
