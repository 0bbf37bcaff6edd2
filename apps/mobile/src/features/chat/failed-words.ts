import type { MessageView } from '@finnigram/client'
import type { PlainText } from '../../i18n/en.ts'

type Failure = {
  /** Why the message was refused, and what to do. */
  words: PlainText
  /** What helps: the same again, another text, or nothing. */
  remedy: 'retry' | 'edit' | 'none'
}

/** What to tell a person about a message that the server refused. */
export function failedWords({
  problem,
}: Extract<MessageView, { localState: 'failed' | 'saving' | 'waiting' }>): Failure {
  switch (problem?.code) {
    case 'not_found':
      return { words: 'failedGone', remedy: 'none' }
    case 'forbidden':
      return { words: 'failedForbidden', remedy: 'none' }
    case 'message_id_taken':
    case 'gone':
      return { words: 'failedConflict', remedy: 'edit' }
    case 'payload_too_large':
      return { words: 'failedLong', remedy: 'edit' }
    case 'validation_failed':
      return { words: invalidWords(problem.errors ?? []), remedy: 'edit' }
    default:
      return { words: 'failedUnknown', remedy: 'retry' }
  }
}

function invalidWords(errors: readonly { message: string }[]): PlainText {
  const messages = errors.map(({ message }) => message)
  if (messages.some((message) => message.startsWith('At most'))) return 'failedLong'
  if (messages.some((message) => message.includes('combining marks'))) return 'failedMarks'
  return messages.includes('Must not be empty') ? 'failedEmpty' : 'failedInvalid'
}
