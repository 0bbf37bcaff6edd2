import { ApiProblem, NetworkProblem } from '@finnigram/client'
import type { ErrorCode } from '@finnigram/contracts'
import type { PlainText } from '../i18n/en.ts'

/** The message for each error code: what the person can do. A code without one is a type error. */
const messageByCode: Record<ErrorCode, PlainText> = {
  validation_failed: 'problemInvalid',
  unauthenticated: 'problemSignedOut',
  token_expired: 'problemSignedOut',
  invalid_credentials: 'problemCredentials',
  totp_required: 'needCode',
  forbidden: 'problemForbidden',
  reauthentication_required: 'problemSignedOut',
  removed_from_group: 'inviteRemovedBody',
  not_found: 'problemGone',
  request_timeout: 'problemNetwork',
  conflict: 'problemConflict',
  username_taken: 'problemUsernameTaken',
  email_taken: 'problemEmailTaken',
  conversation_id_taken: 'problemConflict',
  message_id_taken: 'problemConflict',
  last_owner: 'problemLastOwner',
  gone: 'problemGone',
  payload_too_large: 'problemTooLarge',
  quota_exceeded: 'problemQuota',
  unsupported_media_type: 'problemMedia',
  range_not_satisfiable: 'problemUnknown',
  rate_limited: 'problemRateLimited',
  internal: 'problemUnknown',
  unavailable: 'problemUnavailable',
}

/** Messages that are clearer for one action. */
export type ProblemMessages = Partial<Record<ErrorCode, PlainText>>

/** The message for an error, as a key of the catalogue. */
export function problemMessage(error: unknown, overrides: ProblemMessages = {}): PlainText {
  if (error instanceof NetworkProblem) return 'problemNetwork'
  if (!(error instanceof ApiProblem)) return 'problemUnknown'
  return overrides[error.code] ?? messageByCode[error.code] ?? 'problemUnknown'
}
