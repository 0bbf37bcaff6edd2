import type { ConnectionState } from '@finnigram/client'
import { View } from 'react-native'
import type { PlainText } from '../i18n/en.ts'
import { useI18n } from '../i18n/i18n-provider.tsx'
import { radius, space } from '../theme/scale.ts'
import { createStyles } from '../theme/theme-provider.tsx'
import { Text } from '../ui/text.tsx'
import { useConnection, useStorage } from './use-client-data.ts'

const labels: Record<Exclude<ConnectionState, 'online'>, PlainText> = {
  offline: 'waitingForNetwork',
  connecting: 'connecting',
  updating: 'updating',
  delayed: 'messagesDelayed',
}

/** The connection state, shown in place of a title so that nothing moves. */
export function ConnectionStatus({
  announced = false,
  small = false,
}: {
  announced?: boolean
  small?: boolean
}) {
  const { t } = useI18n()
  const styles = useStyles()
  const state = useConnection()
  if (state === 'online') return null
  return (
    <View
      style={styles.line}
      {...(announced ? { role: 'status' as const, testID: 'offline-banner', dataSet: { state } } : {})}
    >
      <View style={[styles.dot, state === 'offline' && styles.offline]} />
      <Text size={small ? 'small' : 'title'} weight={small ? '400' : '600'} color="muted" numberOfLines={1}>
        {t(labels[state])}
      </Text>
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  line: { flexDirection: 'row', alignItems: 'center', gap: space.s },
  dot: { width: 8, height: 8, borderRadius: radius.pill, backgroundColor: colors.accent },
  offline: { backgroundColor: colors.warning },
}))

/** Says what this device cannot store; nothing if it stores everything. */
export function StorageNotice() {
  const { t } = useI18n()
  const { session, messages } = useStorage()
  if (session && messages) return null
  return (
    <Text testID="storage-words" size="small" color="muted" role="status">
      {t(session ? 'keepsNoMessages' : 'keepsNothing')}
    </Text>
  )
}
