/** What may have happened to an account, as its owner and the log read it. */
export const securityTypes = [
  'registered',
  'signed_in',
  'sign_in_failed',
  'signed_out',
  'session_ended',
  'other_sessions_ended',
  'refresh_reuse_detected',
  'password_check_failed',
  'password_changed',
  'password_reset_requested',
  'password_reset',
  'username_changed',
  'email_change_requested',
  'email_change_cancelled',
  'email_changed',
  'email_verified',
  'totp_enabled',
  'totp_disabled',
  'recovery_code_used',
  'account_deleted',
  'key_made',
  'keys_removed',
] as const
export type SecurityType = (typeof securityTypes)[number]

/** One thing that happened. */
export interface SecurityNote {
  type: SecurityType
  /** Null where the attempt was at no account that exists, and where it is about the service itself. */
  userId: string | null
  ip?: string | undefined
  /** The session it was done in, or done to. */
  sessionId?: string | undefined
  device?: { name: string; platform: string } | undefined
}

/** Keeps a note once the transaction is committed, and not otherwise. */
export type Note = (note: SecurityNote) => void
