import type { MessageView } from '@finnigram/client'
import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { radius, space } from '../../theme/scale.ts'
import { Icon } from '../../ui/icon.tsx'
import type { IconName } from '../../ui/icon-paths.ts'
import { Sheet } from '../../ui/sheet.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'
import { copyText } from './copy-text.ts'

type MessageSheetProps = {
  message: MessageView | null
  onClose: () => void
  onReply: (message: MessageView) => void
}

/** What can be done with a message. */
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
        <Action
          icon="copy"
          title={t('copyText')}
          onPress={() => {
            onClose()
            void copyText(message?.text ?? '')
          }}
        />
      </View>
    </Sheet>
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
