import { z } from 'zod'

const oneKey = /^[A-Za-z0-9+/_-]{43}=?$/

/** The keys that seal what may lie in the database only unreadable: 32 bytes each, in base64, with commas between. The first seals, all open; whoever changes keys puts the new one in front. */
export const SecretsKey = z
  .string()
  .refine(
    (text) => text.split(',').every((key) => oneKey.test(key.trim())),
    'must be 32 bytes in base64 (openssl rand -base64 32), or several with commas between',
  )
