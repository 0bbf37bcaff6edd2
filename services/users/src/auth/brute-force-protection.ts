/** What of an account is guessed at. */
export interface Guarded {
  id: string
  passwordHash: string
  totpLastStep: string | null
}

/**
 * Under what guesses at an account are counted, from all addresses together. Whoever sets the password anew, or signs in
 * with a code, has shown whose account it is, so counting begins anew: strangers cannot keep them out. Nobody who has
 * only the password gets there.
 */
export const passwordOf = ({ id, passwordHash, totpLastStep }: Guarded): string =>
  `${id} ${passwordHash} ${totpLastStep}`

/** The same for guesses at its codes: a new password, which a stolen mailbox can set again and again, gives no new tries at these. */
export const codesOf = ({ id, totpLastStep }: Guarded): string => `${id} ${totpLastStep}`
