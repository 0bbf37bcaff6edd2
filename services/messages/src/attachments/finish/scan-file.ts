import { AppError } from '@finnigram/service-kit'
import type { MessagesConfig } from '../../config.ts'
import { askClamd } from './ask-clamd.ts'
import { runScanner } from './run-scanner.ts'

/** What a scanner says: undefined for a clean file, otherwise what was found in it. */
export type Finding = string | undefined

/**
 * Has a file looked at by the scanners of the settings, if there are any. Throws `unsupported_media_type` for a harmful
 * one, and `unavailable` when a scanner does not answer: what nobody has looked at is not let in.
 */
export async function scanFile(
  { SCAN_COMMAND, CLAMD_SOCKET }: Pick<MessagesConfig, 'SCAN_COMMAND' | 'CLAMD_SOCKET'>,
  path: string,
): Promise<void> {
  const findings = await Promise.all([
    SCAN_COMMAND === undefined ? undefined : runScanner(SCAN_COMMAND, path),
    CLAMD_SOCKET === undefined ? undefined : askClamd(CLAMD_SOCKET, path),
  ]).catch((cause) => {
    throw new AppError('unavailable', {
      detail: 'The file could not be checked for viruses',
      retryAfter: 5,
      cause,
    })
  })
  if (findings.some((found) => found !== undefined)) {
    throw new AppError('unsupported_media_type', { detail: 'The virus scanner does not let this file in' })
  }
}
