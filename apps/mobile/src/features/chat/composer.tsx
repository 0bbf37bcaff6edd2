/**
 * The composer: where a message is written.
 *
 * - Drafts: what is typed belongs to this device until it is sent, cleared or left. A draft from
 *   another device waits meanwhile. Text that a newer draft replaced is offered above the field
 *   ("Put back"). `use-composing.ts` holds this state; the SDK stores it.
 * - Sending: the field is cleared at once and the SDK's outbox sends. A text over `longestText`
 *   goes out as several messages, and a hint says into how many.
 * - Replies: the quoted message shows above the field. Esc cancels the reply first, then leaves the
 *   chat.
 * - Mentions are plain `@username`; the server resolves them, `message-text.ts` only displays them.
 *
 * `Composer` is bare: it takes text and callbacks. `ChatComposer` connects it to `useComposing`.
 * Neither calls the server nor keeps a message; `chat.tsx` renders it.
 */

import { type ReactNode, useEffect, useRef } from 'react'
import { View } from 'react-native'
import { useSafeAreaInsets } from 'react-native-safe-area-context'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { layout, minimumTarget, radius, space } from '../../theme/scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'
import { ComposerInput, type ComposerInputHandle } from './composer-input.tsx'
import { ReplyStrip, SupersededStrip } from './composer-strips.tsx'
import { longestText, splitText } from './message-text.ts'
import type { useComposing } from './use-composing.ts'

type ComposerProps = {
  text: string
  onChange: (text: string) => void
  onSend: (text: string) => void
  onEscape: () => void
  /** Id of the message being replied to; a new one moves the focus here. */
  replyToId: string | null
  /** Strips above the text, such as the message being replied to. */
  children?: ReactNode
}

/** The text field with its send button; knows nothing of drafts or replies. */
function Composer({ text, onChange, onSend, onEscape, replyToId, children }: ComposerProps) {
  const { t } = useI18n()
  const styles = useStyles()
  const { bottom } = useSafeAreaInsets()
  const input = useRef<ComposerInputHandle>(null)
  const empty = text.trim() === ''
  useEffect(() => {
    if (replyToId !== null) input.current?.focus()
  }, [replyToId])
  const send = () => {
    if (empty) return
    onSend(text.trim())
    input.current?.focus()
  }
  return (
    <View style={[styles.dock, { paddingBottom: Math.max(bottom, space.m) }]}>
      {children}
      {text.length > longestText && <PartsHint count={splitText(text, longestText).length} />}
      <View style={styles.row}>
        <View style={styles.field}>
          <ComposerInput
            ref={input}
            value={text}
            label={t('messageField')}
            onSend={send}
            onEscape={onEscape}
            onChange={onChange}
          />
        </View>
        <Touchable
          testID="composer-send"
          label={t('send')}
          feedback="fade"
          aria-disabled={empty}
          style={[styles.send, empty && styles.idle]}
          onPress={send}
        >
          <Icon name="send" color={empty ? 'muted' : 'onAccent'} size={22} stroke={2.5} />
        </Touchable>
      </View>
    </View>
  )
}

/** Says how many messages a long text will become. */
function PartsHint({ count }: { count: number }) {
  const { t } = useI18n()
  const styles = useStyles()
  return (
    <Text size="small" color="muted" role="status" style={styles.parts} testID="composer-parts">
      {t('goesInParts', { count })}
    </Text>
  )
}

const useStyles = createStyles(({ colors }) => ({
  dock: {
    width: '100%',
    maxWidth: layout.messageColumn,
    alignSelf: 'center',
    paddingHorizontal: space.m,
  },
  parts: { paddingHorizontal: space.l, paddingBottom: space.xs },
  row: { flexDirection: 'row', alignItems: 'flex-end', gap: space.s },
  field: {
    flex: 1,
    minWidth: 0,
    minHeight: minimumTarget,
    flexDirection: 'row',
    borderRadius: 22,
    backgroundColor: colors.otherBubble,
  },
  send: {
    width: minimumTarget,
    height: minimumTarget,
    borderRadius: radius.pill,
    alignItems: 'center',
    justifyContent: 'center',
    backgroundColor: colors.accent,
  },
  idle: { backgroundColor: colors.otherBubble },
}))

type ChatComposerProps = {
  /** The draft, typed here earlier or on another device. */
  draft: string
  composing: ReturnType<typeof useComposing>
  nameOf: (userId: string) => string
  onLeave: () => void
}

/** Connects the composer to the chat. Esc cancels the reply, then leaves. */
export function ChatComposer({ draft, composing, nameOf, onLeave }: ChatComposerProps) {
  const { typed, superseded, replyTo, cancelReply } = composing
  return (
    <Composer
      text={typed ?? draft}
      replyToId={replyTo?.id ?? null}
      onChange={composing.write}
      onSend={composing.send}
      onEscape={replyTo === null ? onLeave : cancelReply}
    >
      {superseded.text !== '' && <SupersededStrip {...superseded} />}
      {replyTo !== null && (
        <ReplyStrip
          senderId={replyTo.senderId}
          name={nameOf(replyTo.senderId)}
          text={replyTo.text ?? ''}
          onCancel={cancelReply}
        />
      )}
    </Composer>
  )
}
