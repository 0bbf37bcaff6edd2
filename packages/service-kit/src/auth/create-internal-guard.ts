import { hash, timingSafeEqual } from 'node:crypto'
import { AppError } from '../errors/app-error.ts'

/** A check that a header value is the services' shared secret, in constant time. Throws `unauthenticated`. */
export function createInternalGuard(secret: string): (shown: string | string[] | undefined) => void {
  const digest = (text: string) => hash('sha256', text, 'buffer')
  const expected = digest(secret)
  return (shown) => {
    if (typeof shown !== 'string' || !timingSafeEqual(digest(shown), expected))
      throw new AppError('unauthenticated')
  }
}
