import type { Catalogue } from './translate.ts'

/** What the app says of text that was typed and did not go out; part of the English catalogue. */
export const unsentTexts = {
  typedBefore: 'Typed here, not sent',
  putBack: 'Put back',
  discardTyped: 'Discard this text',
  unsentGone: 'Not sent: you are no longer in “{title}”.',
  failedUnknown: 'Not sent.',
  failedGone: 'Not sent: you are no longer in this chat.',
  failedForbidden: 'Not sent: you cannot write to this person.',
  failedConflict: 'Not sent: it was changed meanwhile. Edit it and send it again.',
  failedLong: 'Too long: at most 8,000 characters. Send it in parts.',
  failedMarks: 'Not sent: it piles up too many accents on one letter.',
  failedEmpty: 'Not sent: there is nothing in it that can be seen.',
  failedInvalid: 'The server does not take this message. Edit it and send it again.',
} as const satisfies Catalogue
