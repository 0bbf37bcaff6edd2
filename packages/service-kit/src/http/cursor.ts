import type { z } from 'zod'
import { AppError } from '../errors.ts'

/** An opaque cursor: where a list or a sync continues. */
export const toCursor = (position: unknown): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url')

/**
 * The content of a cursor. Throws `validation_failed` at `path` for anything else, unstorable text
 * too.
 */
export function fromCursor<S extends z.ZodType>(schema: S, cursor: string, path: string): z.output<S> {
  const result = schema.safeParse(parse(cursor))
  if (result.success) return result.data
  throw new AppError('validation_failed', { errors: [{ path, message: 'Is not a cursor of this list' }] })
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString(), refuseUnstorable)
  } catch {
    return undefined
  }
}

/**
 * PostgreSQL stores neither U+0000 nor half a surrogate pair; none was ever in a cursor of ours.
 */
function refuseUnstorable(_key: string, value: unknown): unknown {
  if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed()))
    throw new Error('unstorable')
  return value
}
