import type { MessageView } from '@finnigram/client'
import type { PlainText } from '../../i18n/en.ts'

type SendFailure = {
  /** The reason, and what to do. */
  message: PlainText
  /** What can help: retry, edit, or nothing. */
  remedy: 'retry' | 'edit' | 'none'
}

/** The message and remedy for a send that the server refused. */
export function sendFailureMessage({
  problem,
}: Extract<MessageView, { localState: 'failed' | 'saving' | 'waiting' }>): SendFailure {
  switch (problem?.code) {
    case 'not_found':
      return { message: 'failedGone', remedy: 'none' }
    case 'forbidden':
      return { message: 'failedForbidden', remedy: 'none' }
    case 'message_id_taken':
    case 'gone':
      return { message: 'failedConflict', remedy: 'edit' }
    case 'payload_too_large':
      return { message: 'failedLong', remedy: 'edit' }
    case 'validation_failed':
      return { message: invalidMessage(problem.errors ?? []), remedy: 'edit' }
    default:
      return { message: 'failedUnknown', remedy: 'retry' }
  }
}

function invalidMessage(errors: readonly { message: string }[]): PlainText {
  const messages = errors.map(({ message }) => message)
  if (messages.some((message) => message.startsWith('At most'))) return 'failedLong'
  if (messages.some((message) => message.includes('combining marks'))) return 'failedMarks'
  return messages.includes('Must not be empty') ? 'failedEmpty' : 'failedInvalid'
}
