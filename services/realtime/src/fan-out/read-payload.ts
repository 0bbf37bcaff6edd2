import type { z } from 'zod'

/**
 * What an entry says. Parsed, but as it is: what a newer service adds is passed on. Throws where it
 * does not fit.
 */
export function readPayload<S extends z.ZodType>(schema: S, payload: string): z.output<S> {
  const told: unknown = JSON.parse(payload)
  schema.parse(told)
  return told as z.output<S>
}
