import type { Attachment, FieldError } from '@finnigram/contracts'
import type pg from 'pg'
import { findMentioned, type Mentioned, nobody } from '../text/find-mentioned.ts'
import { readText } from '../text/read-text.ts'
import { findAttached } from './find-attached.ts'
import { type Forwarded, findForwarded } from './find-forwarded.ts'
import { findReplied, type Replied } from './find-replied.ts'
import type { NewSend } from './new-send.ts'

/** A send with everything it refers to. */
export interface PreparedSend extends Mentioned {
  send: NewSend
  text: string | null
  attachments: Attachment[]
  replied: Replied | undefined
  /** The message that is passed on as it stands; one with words or files of the sender's own passes nothing on. */
  forwardOf: string | undefined
  hasLink: boolean
  /** Why it cannot be stored, unless it is stored already. */
  errors: FieldError[]
}

/** Looks up what sends refer to. A batch of plain texts asks for nothing; each kind of reference costs the whole batch one query. */
export async function prepareSends(pool: pg.Pool, sends: readonly NewSend[]): Promise<PreparedSend[]> {
  const facts = sends.map(({ text }) => readText(text ?? null))
  const namings = sends.map(({ conversationId, senderId }, place) => ({
    conversationId,
    senderId,
    usernames: facts[place]?.usernames ?? [],
  }))
  const [replied, forwarded, attached, mentioned] = await Promise.all([
    findReplied(pool, sends),
    findForwarded(pool, sends),
    findAttached(pool, sends),
    findMentioned(pool, namings),
  ])
  return sends.map((send, place) => {
    const content = contentOf(send, forwarded.get(place), attached.get(place))
    return {
      send,
      ...content,
      ...(mentioned.get(place) ?? nobody),
      hasLink: (content.isCopied ? readText(content.text) : facts[place])?.hasLink ?? false,
      replied: replied.get(place),
      errors: [...content.errors, ...replyErrors(send, replied.get(place))],
    }
  })
}

/**
 * A forwarded message that comes without words or files of one's own is sent as it stands. With others than its own it is
 * no forward: the mark would make them look like those of whoever wrote the message.
 */
function contentOf(
  { text, attachmentIds = [], forwardOf }: NewSend,
  forwarded: Forwarded | undefined,
  attached: ReadonlyMap<string, Attachment> = new Map(),
) {
  const errors: FieldError[] =
    forwardOf !== undefined && !forwarded
      ? [{ path: 'body.forwardOf', message: 'There is no such message to forward' }]
      : []
  if (forwarded && text === undefined && attachmentIds.length === 0) {
    return { ...forwarded, isCopied: true, forwardOf, errors }
  }
  for (const [i, id] of attachmentIds.entries()) {
    const path = `body.attachmentIds.${i}`
    if (!attached.has(id)) errors.push({ path, message: 'There is no such finished upload of yours' })
    else if (attachmentIds.indexOf(id) < i) errors.push({ path, message: 'Is there already' })
  }
  const attachments = attachmentIds.flatMap((id) => attached.get(id) ?? [])
  const content = { text: text ?? null, attachments }
  const isSame = forwarded !== undefined && saysTheSame(content, forwarded)
  return { ...content, isCopied: false, forwardOf: isSame ? forwardOf : undefined, errors }
}

function saysTheSame(content: Forwarded, forwarded: Forwarded): boolean {
  const idsOf = ({ attachments }: Forwarded) => attachments.map(({ id }) => id).join()
  return content.text === forwarded.text && idsOf(content) === idsOf(forwarded)
}

const replyErrors = ({ replyToId }: NewSend, replied: Replied | undefined): FieldError[] =>
  replyToId === undefined || replied
    ? []
    : [{ path: 'body.replyToId', message: 'There is no such message in this conversation' }]
