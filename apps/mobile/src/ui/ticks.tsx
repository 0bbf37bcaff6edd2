import { View } from 'react-native'
import type { PlainText } from '../i18n/en.ts'
import { useI18n } from '../i18n/i18n-provider.tsx'
import { useTheme } from '../theme/theme-provider.tsx'
import { iconPaths } from './icon.tsx'
import { SvgPath } from './svg.tsx'

/** Delivery status of my own message. */
export type DeliveryStatus = 'saving' | 'waiting' | 'failed' | 'sent' | 'delivered' | 'read'

export const statusLabels = {
  saving: 'statusSaving',
  waiting: 'statusWaiting',
  failed: 'statusFailed',
  sent: 'statusSent',
  delivered: 'statusDelivered',
  read: 'statusRead',
} as const satisfies Record<DeliveryStatus, PlainText>

const oneTick = 'M5.5 6.8l3.1 3.2L15 2.6'
const twoTicks = 'M1.2 6.8l3.1 3.2L10.7 2.6M8.4 9.8l.2.2L15 2.6'

/** Whether the status shows as ticks; others show as a smaller symbol. */
export const hasTicks = (status: DeliveryStatus) =>
  status !== 'saving' && status !== 'waiting' && status !== 'failed'

/** Delivery status as a symbol. Each has its own shape, so that colour alone says nothing. */
export function Ticks({ status, on = 'page' }: { status: DeliveryStatus; on?: 'page' | 'own' }) {
  const { t } = useI18n()
  const { colors } = useTheme()
  const quiet = colors[on === 'own' ? 'mutedOnOwn' : 'muted']
  return (
    <View role="img" aria-label={t(statusLabels[status])} dataSet={{ state: status }}>
      {hasTicks(status) ? (
        <SvgPath
          grid={[16, 12]}
          width={16}
          path={status === 'sent' ? oneTick : twoTicks}
          color={status === 'read' ? colors.accent : quiet}
          stroke={1.7}
        />
      ) : (
        <SvgPath
          grid={[24, 24]}
          width={13}
          path={iconPaths[status === 'failed' ? 'alert' : 'clock']}
          color={status === 'failed' ? colors.danger : status === 'saving' ? 'transparent' : quiet}
          stroke={2.4}
        />
      )}
    </View>
  )
}
