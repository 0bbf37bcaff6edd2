import type { FieldError, RouteContract } from '@finnigram/contracts'
import { z } from 'zod'
import { AppError } from '../errors.ts'

/** Mistakes that are listed. */
const listed = 100

type Part = 'params' | 'query' | 'body'
export type RequestParts = Record<Part, unknown>

/**
 * Validates a request by its contract. Throws one `validation_failed` with all mistakes, at paths
 * such as `body.members.0`.
 */
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

/** A union reports the mistakes of the closest alternative. */
function toFieldErrors(issue: z.core.$ZodIssue, prefix: string): FieldError[] {
  const path = [prefix, ...issue.path.map(String)].join('.')
  if (issue.code === 'invalid_union') {
    const closest = issue.errors.toSorted((a, b) => a.length - b.length)[0]
    if (closest && closest.length > 0) return closest.flatMap((inner) => toFieldErrors(inner, path))
  }
  return [{ path, message: issue.message }]
}

type Query = NonNullable<RouteContract['query']>

/** Names of the numbers in a query, by its schema. */
const numbersOf = new WeakMap<Query, readonly string[]>()

/**
 * The query, with NaN where a number is expected and no digits are given. Zod's coercion takes an
 * empty text as 0, and `0x1f` as 31.
 */
function withPlainNumbers(schema: Query, query: unknown): unknown {
  if (typeof query !== 'object' || query === null) return query
  const given = new Map(Object.entries(query))
  const odd = namesOfNumbers(schema).filter((name) => given.has(name) && !isPlain(given.get(name)))
  return odd.length === 0 ? query : { ...query, ...Object.fromEntries(odd.map((name) => [name, Number.NaN])) }
}

const isPlain = (value: unknown) => typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)

function namesOfNumbers(schema: Query): readonly string[] {
  const known = numbersOf.get(schema)
  if (known) return known
  const shape: Record<string, unknown> = schema.shape
  const names = Object.keys(shape).filter((name) => isNumber(shape[name]))
  numbersOf.set(schema, names)
  return names
}

function isNumber(schema: unknown): boolean {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return isNumber(schema.unwrap())
  return schema instanceof z.ZodNumber
}
