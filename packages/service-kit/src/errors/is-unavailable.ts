/** SQLSTATE classes and codes that mean "not now": connection trouble, shutting down, out of room, cancelled by a timeout, read-only after a failover. */
const notNow = /^(08...|53...|57P0[1-5]|57014|55P03|25006|25P03|40P01|40001)$/

/** Node, Prisma and driver codes of the same meaning. */
const codes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOSPC',
  'EDQUOT',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028',
  'P2034',
])

/** pg, its pool and ioredis report these without a code. */
const messages =
  /Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout|Cannot use a pool after calling end|Stream isn't writeable|Connection is closed|Command timed out|max retries per request|Command aborted due to connection close|Socket timeout|^MISCONF/

/** Whether an error means that a database, Redis or another service is away, or a disk full, so that the same call may work later. Looks through causes and driver wrappers. */
export function isUnavailable(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 5) return false
  if (
    'code' in error &&
    typeof error.code === 'string' &&
    (codes.has(error.code) || notNow.test(error.code))
  ) {
    return true
  }
  if ('originalCode' in error && typeof error.originalCode === 'string' && notNow.test(error.originalCode))
    return true
  if ('message' in error && typeof error.message === 'string' && messages.test(error.message)) return true
  const wrapped = [
    'cause' in error ? error.cause : undefined,
    'meta' in error ? error.meta : undefined,
    'driverAdapterError' in error ? error.driverAdapterError : undefined,
    ...('errors' in error && Array.isArray(error.errors) ? error.errors : []),
  ]
  return wrapped.some((inner) => isUnavailable(inner, depth + 1))
}
