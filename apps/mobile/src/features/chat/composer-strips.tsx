import { View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { minimumTarget, radius, space } from '../../theme/scale.ts'
import { createStyles, useTheme } from '../../theme/theme-provider.tsx'
import { IconButton } from '../../ui/button.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'

type ReplyStripProps = { senderId: string; name: string; text: string; onCancel: () => void }

/** Above the composer: the message being replied to. */
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

type SupersededStripProps = { text: string; putBack: () => void; discard: () => void }

/** Above the composer: text typed here that a newer draft from another device replaced. */
export function SupersededStrip({ text, putBack, discard }: SupersededStripProps) {
  const { t } = useI18n()
  const styles = useSupersededStripStyles()
  return (
    <View testID="superseded-strip" style={styles.strip}>
      <View style={styles.words}>
        <Text size="small" weight="600" numberOfLines={1}>
          {t('typedBefore')}
        </Text>
        <Text size="small" color="muted" numberOfLines={2}>
          {text}
        </Text>
      </View>
      <Touchable testID="superseded-put-back" style={styles.action} onPress={putBack}>
        <Text size="small" weight="600" color="accent">
          {t('putBack')}
        </Text>
      </Touchable>
      <IconButton icon="close" size={18} label={t('discardTyped')} onPress={discard} />
    </View>
  )
}

const useSupersededStripStyles = createStyles(({ colors }) => ({
  strip: {
    flexDirection: 'row',
    alignItems: 'center',
    marginBottom: space.s,
    paddingStart: space.m,
    borderRadius: radius.card,
    backgroundColor: colors.surface,
  },
  words: { flex: 1, minWidth: 0, paddingVertical: space.xs },
  action: { minHeight: minimumTarget, justifyContent: 'center', paddingHorizontal: space.m },
}))
