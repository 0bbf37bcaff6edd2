import { ApiProblem, NetworkProblem } from '@finnigram/client'
import type { PlainText } from '../i18n/en.ts'

/** What to tell a person about something that went wrong: a key of the catalogue. */
export function problemWords(error: unknown): PlainText {
  if (error instanceof NetworkProblem) return 'problemNetwork'
  if (!(error instanceof ApiProblem)) return 'problemUnknown'
  switch (error.code) {
    case 'invalid_credentials':
      return 'problemCredentials'
    case 'username_taken':
      return 'problemUsernameTaken'
    case 'email_taken':
      return 'problemEmailTaken'
    case 'conflict':
      return 'problemGroupFull'
    case 'rate_limited':
      return 'problemRateLimited'
    case 'request_timeout':
      return 'problemNetwork'
    case 'unavailable':
      return 'problemUnavailable'
    default:
      return 'problemUnknown'
  }
}
