import type { FieldError, RouteContract } from '@finnigram/contracts'
import type { z } from 'zod'
import { AppError } from '../errors/app-error.ts'
import { withPlainNumbers } from './plain-numbers.ts'

/** More mistakes than this are not listed. */
const listed = 100

type Part = 'params' | 'query' | 'body'
export type RequestParts = Record<Part, unknown>

/** Checks the parts of a request against its contract. Throws one `validation_failed` with every mistake of all of them, at paths such as `body.members.0`. */
export function validate(contract: RouteContract, raw: RequestParts): RequestParts {
  const errors: FieldError[] = []
  const { query: schemaOfQuery } = contract
  const given = schemaOfQuery ? { ...raw, query: withPlainNumbers(schemaOfQuery, raw.query) } : raw
  const check = (part: Part) => {
    const schema = contract[part]
    if (!schema) return undefined
    const result = schema.safeParse(given[part])
    if (result.success) return result.data
    errors.push(...result.error.issues.flatMap((issue) => toFieldErrors(issue, part)))
    return undefined
  }
  const parts = { params: check('params'), query: check('query'), body: check('body') }
  if (errors.length > 0) throw new AppError('validation_failed', { errors: errors.slice(0, listed) })
  return parts
}

/** A union reports what is wrong with the alternative that came closest. */
function toFieldErrors(issue: z.core.$ZodIssue, prefix: string): FieldError[] {
  const path = [prefix, ...issue.path.map(String)].join('.')
  if (issue.code === 'invalid_union') {
    const closest = issue.errors.toSorted((a, b) => a.length - b.length)[0]
    if (closest && closest.length > 0) return closest.flatMap((inner) => toFieldErrors(inner, path))
  }
  return [{ path, message: issue.message }]
}
