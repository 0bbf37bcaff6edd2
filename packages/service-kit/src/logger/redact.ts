const secretName = /pass(word|wd|phrase)|secret|token|authorization|cookie|api[-_]?key|credential/i
/** JWTs, and the user part of connection URLs. */
const secretText = /\beyJ[\w-]{10,}\.[\w-]+(\.[\w-]*)?|(?<=:\/\/)[^/\s@]*:[^/\s@]+(?=@)/g
const deepest = 6

/** A copy of `value` that is safe to log: no passwords or tokens, errors with their causes, nothing circular or endless. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.replace(secretText, '[redacted]')
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (depth >= deepest) return '[deep]'
  if (value instanceof Error) return redactError(value, depth)
  if (value instanceof Date) return value
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => redact(item, depth + 1))
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  return redactEntries(Object.entries(value), depth)
}

function redactEntries(entries: [string, unknown][], depth: number): Record<string, unknown> {
  return Object.fromEntries(
    entries.map(([name, inner]) => [
      name,
      secretName.test(name) && inner !== undefined ? '[redacted]' : redact(inner, depth + 1),
    ]),
  )
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  return {
    name: error.name,
    message: redact(error.message),
    stack: redact(error.stack),
    ...('code' in error ? { code: error.code } : {}),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
    ...(error instanceof AggregateError ? { errors: redact(error.errors, depth + 1) } : {}),
  }
}
