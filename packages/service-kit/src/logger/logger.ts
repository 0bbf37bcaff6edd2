import { Writable } from 'node:stream'
import winston from 'winston'

import { currentRequestId } from './request-context.ts'

export type Logger = winston.Logger

const formatted = Symbol.for('message')

/**
 * A logger of JSON lines with the service, the node and, inside a request, its id. Pass errors as
 * `{ error }`. Passwords and tokens are redacted by name and by pattern.
 */
export function createLogger({
  service,
  nodeId,
  level = 'info',
}: {
  service: string
  nodeId: string
  level?: string
}): Logger {
  const toLine = winston.format((info) => {
    const { level: severity, message, ...fields } = info
    const requestId = currentRequestId()
    info[formatted] = JSON.stringify({
      time: new Date().toISOString(),
      level: severity,
      service,
      node: nodeId,
      message: redact(message),
      ...(requestId === undefined ? {} : { requestId }),
      ...(redact(fields) as Record<string, unknown>),
    })
    return info
  })
  return winston.createLogger({
    level,
    format: toLine(),
    transports: [new winston.transports.Stream({ stream: logOutput, eol: '\n' })],
  })
}

const secretName = /pass(word|wd|phrase)|secret|token|authorization|cookie|api[-_]?key|credential/i
/** JWTs, and the user part of connection URLs. */
const secretText = /\beyJ[\w-]{10,}\.[\w-]+(\.[\w-]*)?|(?<=:\/\/)[^/\s@]*:[^/\s@]+(?=@)/g
const deepest = 6

/**
 * A copy that is safe to log: no secrets, errors with their causes, bounded in depth and length.
 */
function redact(value: unknown, depth = 0): unknown {
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

type Sink = (line: string) => void

let sink: Sink = (line) => {
  process.stdout.write(line)
}

/** Log lines go to standard output, unless a test captures them. */
const logOutput = new Writable({
  decodeStrings: false,
  write(line: string, _encoding, done) {
    sink(line)
    done()
  },
})

/** Sends the log lines of this process to `to` instead of standard output. */
export function divertLogs(to: Sink): void {
  sink = to
}
