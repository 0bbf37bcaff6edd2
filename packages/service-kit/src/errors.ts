import type { ErrorCode, FieldError } from '@finnigram/contracts'

export interface AppErrorOptions {
  /** A sentence for the client, where the code does not say enough. */
  detail?: string | undefined
  /** Every mistake of the request, with paths such as `body.title`. */
  errors?: FieldError[] | undefined
  /** Seconds after which trying again makes sense. */
  retryAfter?: number | undefined
  cause?: unknown
}

/**
 * An error that a client may see, named by a code of the contract. Its cause may be logged and is
 * never sent.
 */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly detail: string | undefined
  readonly errors: FieldError[] | undefined
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, { detail, errors, retryAfter, cause }: AppErrorOptions = {}) {
    super(detail ?? code, cause === undefined ? undefined : { cause })
    this.code = code
    this.detail = detail
    this.errors = errors
    this.retryAfter = retryAfter
  }
}

/** The one mapper from anything thrown to an error that a client may see. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) {
    return error.code === 'unavailable' && error.retryAfter === undefined
      ? new AppError('unavailable', { detail: error.detail, retryAfter: 1, cause: error })
      : error
  }
  if (error instanceof URIError) {
    return new AppError('validation_failed', {
      errors: [{ path: 'params', message: 'Is not a valid URL' }],
      cause: error,
    })
  }
  if (isUnavailable(error)) return new AppError('unavailable', { retryAfter: 1, cause: error })
  return new AppError('internal', { cause: error })
}

/**
 * Whether the same call may work later: a database, Redis or another service is away, a disk is
 * full, or something timed out. Looks through causes and driver wrappers.
 */
export const isUnavailable = (error: unknown): boolean => causeOf(error) !== undefined

/**
 * Whether our own work took too long, or needed too much. The dependency may be fine, and a retry
 * may take as long again: it counts as a failure.
 */
export const isOvertime = (error: unknown): boolean => causeOf(error) === 'overtime'

/**
 * What an error says of a dependency: it is not there; it is there, but our own work took too long;
 * nothing.
 */
type Cause = 'away' | 'overtime' | undefined

/**
 * SQLSTATE classes and codes that mean "not now": connection trouble, shutdown, disk full,
 * read-only after a failover, a lost race.
 */
const awayStates = /^(08...|53[13]..|57P0[1-5]|25006|40P01|40001)$/
/** Of our own making: a statement, lock or transaction timeout, or out of memory. */
const overtimeStates = /^(57014|55P03|25P03|53200|53400)$/

/** Node, Prisma and driver codes with the same meanings. */
const awayCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOSPC',
  'EDQUOT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'P1001',
  'P1002',
  'P1017',
  'P2034',
])
const overtimeCodes = new Set([
  'ETIMEDOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'P1008',
  'P2024',
  'P2028',
])

/** pg, its pool and ioredis report these without a code. */
const awayMessages =
  /Connection terminated|Client has encountered a connection error|Cannot use a pool after calling end|Stream isn't writeable|Connection is closed|max retries per request|Command aborted due to connection close|Socket timeout|^MISCONF|^OOM |^LOADING|^READONLY|^CLUSTERDOWN|^MASTERDOWN|^NOREPLICAS|^TRYAGAIN|^BUSY /
const overtimeMessages =
  /timeout exceeded when trying to connect|Query read timeout|Command timed out|No answer in time/

function causeOf(error: unknown, depth = 0): Cause {
  if (typeof error !== 'object' || error === null || depth > 5) return undefined
  return causeOfOne(error) ?? causeWithin(error, depth)
}

function causeOfOne(error: object): Cause {
  const codes = [
    'code' in error ? error.code : undefined,
    'originalCode' in error ? error.originalCode : undefined,
  ]
  for (const code of codes) {
    if (typeof code !== 'string') continue
    if (awayCodes.has(code) || awayStates.test(code)) return 'away'
    if (overtimeCodes.has(code) || overtimeStates.test(code)) return 'overtime'
  }
  if ('name' in error && error.name === 'TimeoutError') return 'overtime'
  if (!('message' in error) || typeof error.message !== 'string') return undefined
  if (awayMessages.test(error.message)) return 'away'
  return overtimeMessages.test(error.message) ? 'overtime' : undefined
}

function causeWithin(error: object, depth: number): Cause {
  const wrapped = [
    'cause' in error ? error.cause : undefined,
    'meta' in error ? error.meta : undefined,
    'driverAdapterError' in error ? error.driverAdapterError : undefined,
    ...('errors' in error && Array.isArray(error.errors) ? error.errors : []),
  ]
  const causes = wrapped.map((inner) => causeOf(inner, depth + 1))
  const found = causes.find((cause) => cause === 'away') ?? causes.find((cause) => cause !== undefined)
  // Another service said so itself.
  return found ?? ('code' in error && error.code === 'unavailable' ? 'away' : undefined)
}
