import { Writable } from 'node:stream'
import winston from 'winston'

import { currentRequestId } from './request-context.ts'

export type Logger = winston.Logger

const formatted = Symbol.for('message')

/** A logger of JSON lines with the service, the node and, inside a request, its id. Pass errors as `{ error }`. Passwords and tokens are blanked by name and by look. */
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

/** A copy of `value` that is safe to log: no passwords or tokens, errors with their causes, nothing circular or endless. */
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

/** Where log lines go: the process's standard output, unless a test listens. */
const logOutput = new Writable({
  decodeStrings: false,
  write(line: string, _encoding, done) {
    sink(line)
    done()
  },
})

/** Sends this process's log lines to `to` instead of standard output, from now on. */
export function divertLogs(to: Sink): void {
  sink = to
}
