import { accountTexts } from './en-account.ts'
import { chatTexts } from './en-chats.ts'
import type { Catalogue, TextArguments } from './translate.ts'

/** Texts that no single screen owns: shared words, problems, connection, keyboard. */
const sharedTexts = {
  appName: 'Finnigram',
  now: 'now',
  today: 'Today',
  yesterday: 'Yesterday',
  back: 'Back',
  close: 'Close',
  cancel: 'Cancel',
  clear: 'Clear',
  tryAgain: 'Try again',
  delete: 'Delete',
  save: 'Save',
  you: 'You',
  youObject: 'you',
  deletedAccount: 'Deleted account',
  someone: 'Someone',

  waitingForNetwork: 'Waiting for network',
  messagesDelayed: 'Messages are delayed',
  connecting: 'Connecting…',
  updating: 'Updating…',

  keepsNothing:
    'This device keeps nothing: closing or reloading the app signs you out, and unsent messages are lost.',
  keepsNoMessages:
    'This device keeps no messages: unsent messages are lost when the app is closed or reloaded.',

  showKeys: 'Keyboard shortcuts',
  keyFind: 'Find a chat or a person',
  keyNext: 'Next chat',
  keyPrevious: 'Previous chat',
  keySend: 'Send',
  keyBreak: 'New line',
  keyLeave: 'Close, or leave the chat',
  keyHelp: 'Show this list',

  resizeList: 'Width of the chat list',
  crashTitle: 'Something went wrong',
  crashBody: 'Sent messages are safe on the server. Reload to continue.',
  reload: 'Reload',

  problemNetwork: 'The server cannot be reached. Check your connection and try again.',
  problemCredentials: 'The username or the password is wrong.',
  problemUsernameTaken: 'This username is taken. Try another.',
  problemEmailTaken: 'This address belongs to another account.',
  problemCode: 'This code is wrong, or was used already.',
  problemGroupFull: 'This group is full.',
  problemRateLimited: 'Too many tries. Wait a moment, then try again.',
  problemUnavailable: 'The server is busy right now. Try again in a moment.',
  problemInvalid: 'The server did not accept this. Change it, then try again.',
  problemSignedOut: 'You were signed out. Sign in again, then try again.',
  problemForbidden: 'You are not allowed to do this. Ask an admin.',
  problemGone: 'This no longer exists. Go back and try again.',
  problemConflict: 'Something changed in the meantime. Check it, then try again.',
  problemLastOwner: 'A group needs an owner. Make somebody else an owner first.',
  problemTooLarge: 'This is too large. Send less at once.',
  problemQuota: 'Your storage on this server is full. Delete files first.',
  problemMedia: 'The server does not accept this kind of file. Try another.',
  problemPersonGone: 'You cannot start a chat with this person. Look for them again.',
  problemSomebodyGone: 'Somebody you chose cannot be added. Go back and choose again.',
  problemEarlier: 'Earlier messages cannot be loaded.',
  problemLater: 'Newer messages cannot be loaded.',
  problemMembers: 'Not all members can be loaded.',
  problemInvitations: 'The invited people cannot be loaded.',
  problemUnknown: 'That did not work. Try again.',
} as const satisfies Catalogue

/**
 * Every text of the app in English: the catalogue that other languages translate. A text says
 * what happened and what to do, in short sentences.
 */
export const en = { ...sharedTexts, ...accountTexts, ...chatTexts } as const satisfies Catalogue

/** The texts that need no arguments. */
export type PlainText = {
  [Key in keyof typeof en]: TextArguments<(typeof en)[Key]> extends [] ? Key : never
}[keyof typeof en]
