import winston from 'winston'
import { logOutput } from './log-output.ts'
import { redact } from './redact.ts'
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
