import type { ConversationView, MessageView } from '@finnigram/client'
import { useNavigation } from '@react-navigation/native'
import { useCallback, useMemo, useRef, useState } from 'react'
import { KeyboardAvoidingView, StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { usePane } from '../../navigation/pane-context.ts'
import type { AppNavigation } from '../../navigation/routes.ts'
import { useClient } from '../../providers/client-provider.tsx'
import { useMe, useMessages, useTyping } from '../../providers/use-client-data.ts'
import type { WindowedListHandle } from '../../ui/windowed-list/list-props.ts'
import { createRowBuilder } from './build-rows.ts'
import { ChatHeader } from './chat-header.tsx'
import { ChatStart } from './chat-start.tsx'
import { Composer } from './composer.tsx'
import { JumpButton } from './jump-button.tsx'
import { MessageList } from './message-list.tsx'
import { MessageSheet } from './message-sheet.tsx'
import { ReplyStrip } from './reply-strip.tsx'
import { TypingIndicator } from './typing-indicator.tsx'
import { useAnnounceNew } from './use-announce-new.ts'
import { useEarlierMessages } from './use-earlier-messages.ts'
import { useFlash } from './use-flash.ts'
import { useNames } from './use-names.ts'
import { useReadMarker } from './use-read-marker.ts'

type ChatProps = { conversation: ConversationView; onLeave: () => void }

/** One conversation: its messages and the place to write the next. */
export function Chat({ conversation, onLeave }: ChatProps) {
  const { t } = useI18n()
  const client = useClient()
  const me = useMe()
  const navigation = useNavigation<AppNavigation>()
  const { columns, visible } = usePane()
  const { id } = conversation
  const messages = client.messages(id)
  const snapshot = useMessages(id)
  const { items } = snapshot
  const typing = useTyping(id)
  const list = useRef<WindowedListHandle>(null)
  const [atEnd, setAtEnd] = useState(false)
  const [replyTo, setReplyTo] = useState<MessageView | null>(null)
  const [acting, setActing] = useState<MessageView | null>(null)
  const [flashId, flash] = useFlash()
  const [buildRows] = useState(() => createRowBuilder(me.id))
  const rows = useMemo(() => buildRows(snapshot), [buildRows, snapshot])
  const speakers = useMemo(
    () => [...new Set([...items.map(({ senderId }) => senderId), ...typing])],
    [items, typing],
  )
  const nameOf = useNames(conversation, speakers)
  const toMyself = conversation.peer?.id === me.id
  const title = toMyself ? t('notesToSelf') : conversation.displayTitle
  const loadEarlier = useEarlierMessages(messages)
  useReadMarker({ conversationId: id, items, atEnd, visible })
  useAnnounceNew(
    items,
    useCallback(
      (message: MessageView) =>
        message.senderId === me.id || message.deletedAt !== null
          ? undefined
          : t('announceMessage', { name: nameOf(message.senderId), text: message.text ?? '' }),
      [me.id, nameOf, t],
    ),
  )
  const actions = useMemo(
    () => ({
      onReply: setReplyTo,
      onOpenActions: setActing,
      onJump: (messageId: string) => {
        if (list.current?.scrollToKey(messageId) === true) flash(messageId)
      },
      onRetry: (messageId: string) => messages.retry(messageId),
      onDiscard: (messageId: string) => messages.discard(messageId),
    }),
    [messages, flash],
  )
  const send = (text: string) => {
    messages.send({ text, ...(replyTo === null ? {} : { replyToId: replyTo.id }) })
    client.conversations.setDraft(id, '')
    setReplyTo(null)
    list.current?.scrollToEnd(false)
  }
  const typingNames = typing.map(nameOf)
  const start = (
    <ChatStart
      avatarId={conversation.peer?.id ?? id}
      name={title}
      icon={toMyself ? 'bookmark' : undefined}
      words={
        toMyself
          ? t('notesStart')
          : conversation.kind === 'group'
            ? t('groupStart', { name: title })
            : t('chatStart', { name: title })
      }
    />
  )
  return (
    <KeyboardAvoidingView behavior="padding" style={styles.fill}>
      <ChatHeader
        conversation={conversation}
        title={title}
        typingNames={typingNames}
        alone={columns === 1 && visible}
        onBack={columns === 1 ? onLeave : undefined}
        onDetails={() => navigation.push('details', { id })}
      />
      <View style={styles.list}>
        {items.length === 0 && !snapshot.hasBefore ? (
          <View style={styles.empty}>{start}</View>
        ) : (
          <MessageList
            ref={list}
            rows={rows}
            conversation={conversation}
            nameOf={nameOf}
            title={title}
            start={start}
            flashId={flashId}
            actions={actions}
            onNearStart={loadEarlier}
            onAtEnd={setAtEnd}
          />
        )}
        <TypingIndicator names={typingNames} />
        {!atEnd && items.length > 0 && (
          <JumpButton count={conversation.me.unreadCount} onPress={() => list.current?.scrollToEnd(true)} />
        )}
      </View>
      <Composer
        draft={conversation.draft}
        about={replyTo?.id ?? null}
        onSend={send}
        onEscape={() => (replyTo === null ? onLeave() : setReplyTo(null))}
        onChange={(text) => {
          client.conversations.setDraft(id, text)
          if (text.trim() !== '') client.typing(id).notify()
        }}
      >
        {replyTo !== null && (
          <ReplyStrip
            senderId={replyTo.senderId}
            name={nameOf(replyTo.senderId)}
            text={replyTo.text ?? ''}
            onCancel={() => setReplyTo(null)}
          />
        )}
      </Composer>
      <MessageSheet message={acting} onClose={() => setActing(null)} onReply={setReplyTo} />
    </KeyboardAvoidingView>
  )
}

const styles = StyleSheet.create({
  fill: { flex: 1, minHeight: 0 },
  list: { flex: 1, minHeight: 0 },
  empty: { flex: 1, justifyContent: 'center' },
})
