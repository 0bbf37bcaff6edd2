import { View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { createStyles } from '../../theme/create-styles.ts'
import { radius, space } from '../../theme/scale.ts'
import { useTheme } from '../../theme/theme-provider.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Text } from '../../ui/text.tsx'

type ReplyStripProps = { senderId: string; name: string; text: string; onCancel: () => void }

/** Over the composer: the message that is being answered. */
export function ReplyStrip({ senderId, name, text, onCancel }: ReplyStripProps) {
  const { t } = useI18n()
  const { hueOf } = useTheme()
  const styles = useStyles()
  const hue = hueOf(senderId)
  return (
    <View testID="reply-strip" style={styles.strip}>
      <View style={[styles.bar, { backgroundColor: hue }]} />
      <View style={styles.words}>
        <Text size="small" weight="600" numberOfLines={1} style={{ color: hue }}>
          {t('replyTo', { name })}
        </Text>
        <Text size="small" color="muted" numberOfLines={1}>
          {text}
        </Text>
      </View>
      <IconButton icon="close" size={18} label={t('cancelReply')} onPress={onCancel} />
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  strip: {
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.s,
    marginBottom: space.s,
    paddingStart: space.m,
    borderRadius: radius.card,
    backgroundColor: colors.surface,
  },
  bar: { width: 3, height: 32, borderRadius: 2 },
  words: { flex: 1, minWidth: 0 },
}))
