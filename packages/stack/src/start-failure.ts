import { ListenFailure } from '@finnigram/gateway'

/** The start cannot go on. The message says in a sentence what is wrong and what to do. */
export class StartFailure extends Error {
  override name = 'StartFailure'
}

/**
 * The message for the person at the keyboard: a sentence if the cause is known, else the whole
 * error.
 */
export function explainFailure(error: unknown, dataDirectory: string): string {
  const text = error instanceof Error ? `${error.message} ${readCode(error)}` : String(error)
  if (/ENOSPC|no space left on device|check free disk space|disk quota exceeded|EDQUOT/i.test(text)) {
    return `The disk is full: free some space where ${dataDirectory} lies, then start again (nothing that was acknowledged is lost).`
  }
  if (error instanceof StartFailure || error instanceof ListenFailure) return error.message
  if (/EMFILE|ENFILE/.test(text)) {
    return 'Too many files are open: raise the limit with `ulimit -n 65536`, then start again.'
  }
  if (/EACCES|EPERM|EROFS/.test(text) && error instanceof Error && 'path' in error) {
    return `${String(error.path)} cannot be written: give this user the right to, or set FINNIGRAM_HOME to a folder of your own.`
  }
  return error instanceof Error ? (error.stack ?? error.message) : text
}

const readCode = (error: Error) => ('code' in error ? String(error.code) : '')
