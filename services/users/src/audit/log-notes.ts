import type { Logger } from '@finnigram/service-kit'
import type { SecurityNote, SecurityType } from './audit-log.ts'

/** What an operator should look at. */
const alarming: ReadonlySet<SecurityType> = new Set(['refresh_reuse_detected'])

/** Writes security events to the service's log, where `security` tells them from the rest. */
export function logNotes(log: Logger, notes: readonly SecurityNote[]): void {
  for (const { type, userId, ip, sessionId } of notes) {
    log[alarming.has(type) ? 'warn' : 'info'](`Security: ${type.replaceAll('_', ' ')}`, {
      security: true,
      event: type,
      userId,
      ...(ip ? { ip } : {}),
      ...(sessionId ? { sessionId } : {}),
    })
  }
}
