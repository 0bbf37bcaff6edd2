import type { MessageView } from '@finnigram/client'
import { useEffect, useState } from 'react'
import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { radius, space } from '../../theme/scale.ts'
import { Icon, type IconName } from '../../ui/icon.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'
import { announce, copyText } from './device.ts'

type MessageSheetProps = {
  message: MessageView | null
  onClose: () => void
  onReply: (message: MessageView) => void
}

/** The actions of a message. */
export function MessageSheet({ message, onClose, onReply }: MessageSheetProps) {
  const { t } = useI18n()
  return (
    <Sheet label={t('messageActions')} open={message !== null} onClose={onClose}>
      <View role="menu">
        {message !== null && message.localState === undefined && (
          <Action
            icon="reply"
            title={t('reply')}
            onPress={() => {
              onClose()
              onReply(message)
            }}
          />
        )}
        <CopyAction text={message?.text ?? ''} onDone={onClose} />
      </View>
    </Sheet>
  )
}

/** How long "Copied" shows, in milliseconds. */
const confirmationMs = 900

/** Copies the text, shows whether that worked, then closes. */
function CopyAction({ text, onDone }: { text: string; onDone: () => void }) {
  const { t } = useI18n()
  const [outcome, setOutcome] = useState<'copied' | 'copyFailed' | null>(null)
  useEffect(() => {
    if (outcome === null) return
    announce(t(outcome))
    if (outcome !== 'copied') return
    const timer = setTimeout(onDone, confirmationMs)
    return () => clearTimeout(timer)
  }, [outcome, onDone, t])
  return (
    <Action
      icon={outcome === 'copied' ? 'check' : 'copy'}
      title={t(outcome ?? 'copyText')}
      onPress={() => void copyText(text).then((done) => setOutcome(done ? 'copied' : 'copyFailed'))}
    />
  )
}

function Action({ icon, title, onPress }: { icon: IconName; title: string; onPress: () => void }) {
  return (
    <Touchable role="menuitem" style={styles.action} onPress={onPress}>
      <Icon name={icon} color="muted" />
      <Text>{title}</Text>
    </Touchable>
  )
}

const styles = StyleSheet.create({
  action: {
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.m,
    minHeight: 48,
    paddingHorizontal: space.m,
    borderRadius: radius.card,
  },
})
