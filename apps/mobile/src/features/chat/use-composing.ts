import type { MessageView } from '@finnigram/client'
import { type RefObject, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useClient } from '../../providers/client-provider.tsx'
import { useConversation } from '../../providers/use-client-data.ts'
import type { WindowedListHandle } from '../../ui/windowed-list/list-props.ts'
import type { MessageActions } from './message-row.tsx'
import { longestText, splitText } from './message-text.ts'

type MessageListControls = {
  list: RefObject<WindowedListHandle | null>
  toEnd: (smoothly: boolean) => Promise<void>
}

/** Composing in a chat: typing, replying, sending, retrying, jumping to a quoted message. */
export function useComposing(conversationId: string, { list, toEnd }: MessageListControls) {
  const client = useClient()
  const messages = client.messages(conversationId)
  const field = useDraftField(conversationId)
  const [replyTo, setReplyTo] = useState<MessageView | null>(null)
  const [acting, setActing] = useState<MessageView | null>(null)
  const [flashId, flash] = useFlash()
  const actions = useMemo(
    (): MessageActions => ({
      onReply: setReplyTo,
      onOpenActions: setActing,
      onJump(id) {
        if (list.current?.scrollToKey(id) === true) flash(id)
      },
      onRetry: (id) => messages.retry(id),
      onEdit({ id, text, ...message }) {
        const answered = 'replyToId' in message ? message.replyToId : undefined
        const found = messages.snapshot().items.find((item) => item.id === answered)
        if (found) setReplyTo(found)
        field.add(text ?? '')
        messages.discard(id)
      },
      onDiscard: (id) => messages.discard(id),
    }),
    [messages, field.add, flash, list],
  )
  return {
    typed: field.typed,
    replyTo,
    acting,
    flashId,
    actions,
    cancelReply: () => setReplyTo(null),
    closeActions: () => setActing(null),
    superseded: field.superseded,
    write(text: string) {
      field.write(text)
      if (text.trim() !== '') client.typing(conversationId).notify()
    },
    send(text: string) {
      const [first = '', ...others] = splitText(text, longestText)
      messages.send({ text: first, ...(replyTo === null ? {} : { replyToId: replyTo.id }) })
      for (const other of others) messages.send({ text: other })
      field.write('')
      setReplyTo(null)
      void toEnd(false)
    },
  }
}

/**
 * The draft in the composer. From the first key until it is sent, cleared or left, it belongs to
 * this device and drafts from other devices wait. A text that was replaced is kept and offered when
 * the chat opens again.
 */
function useDraftField(conversationId: string) {
  const { conversations } = useClient()
  const { draft = '', supersededDrafts = [] } = useConversation(conversationId) ?? {}
  const [typed, setTyped] = useState<string | null>(null)
  const latest = useRef<string | null>(null)
  const calls = useMemo(() => {
    const current = () => latest.current ?? conversations.get(conversationId)?.draft ?? ''
    const write = (text: string) => {
      if (text !== '') conversations.setDraft(conversationId, text, latest.current ?? undefined)
      else conversations.clearDraft(conversationId, current())
      latest.current = text === '' ? null : text
      setTyped(latest.current)
    }
    return {
      write,
      /** Appends below the present text. */
      add: (text: string) => write(current().trim() === '' ? text : `${current()}\n${text}`),
      discardSuperseded: () => conversations.discardSuperseded(conversationId),
    }
  }, [conversations, conversationId])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another device may have written a newer draft.
  useEffect(() => {
    if (typed !== null) conversations.keepSuperseded(conversationId, typed)
  }, [conversations, conversationId, typed, draft])
  const text = supersededDrafts.filter((one) => one !== typed).join('\n')
  const superseded = {
    text,
    putBack() {
      calls.add(text)
      calls.discardSuperseded()
    },
    discard: calls.discardSuperseded,
  }
  return { typed, superseded, write: calls.write, add: calls.add }
}

const flashMs = 1200

/** The message that is highlighted for a moment after a jump. */
function useFlash(): [id: string | null, flash: (id: string) => void] {
  const [id, setId] = useState<string | null>(null)
  useEffect(() => {
    if (id === null) return
    const timer = setTimeout(() => setId(null), flashMs)
    return () => clearTimeout(timer)
  }, [id])
  return [id, useCallback((next: string) => setId(next), [])]
}
