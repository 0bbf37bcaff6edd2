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
  /** What the text will be about, such as the message that is answered; a new one takes the focus here. */
  about: string | null
  /** Strips over the text, such as the message that is answered. */
  children?: ReactNode
}

/** Where a message is written. */
export function Composer({ text, onChange, onSend, onEscape, about, children }: ComposerProps) {
  const { t } = useI18n()
  const styles = useStyles()
  const { bottom } = useSafeAreaInsets()
  const input = useRef<ComposerInputHandle>(null)
  const empty = text.trim() === ''
  useEffect(() => {
    if (about !== null) input.current?.focus()
  }, [about])
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

/** Says into how many messages a long text will be cut. */
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
  /** What was typed and not sent, here before or on another device. */
  draft: string
  composing: ReturnType<typeof useComposing>
  nameOf: (userId: string) => string
  onLeave: () => void
}

/** The composer of a chat, the message that is answered above it. Esc gives up the answer, then leaves. */
export function ChatComposer({ draft, composing, nameOf, onLeave }: ChatComposerProps) {
  const { typed, superseded, replyTo, cancelReply } = composing
  return (
    <Composer
      text={typed ?? draft}
      about={replyTo?.id ?? null}
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
