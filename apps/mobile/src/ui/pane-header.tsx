import type { ReactNode } from 'react'
import { View } from 'react-native'
import { useSafeAreaInsets } from 'react-native-safe-area-context'
import { useI18n } from '../i18n/i18n-provider.tsx'
import { layout, space } from '../theme/scale.ts'
import { createStyles } from '../theme/theme-provider.tsx'
import { IconButton } from './button.tsx'
import { Text } from './text.tsx'

type PaneHeaderProps = {
  title?: string
  /** Replaces the title. */
  children?: ReactNode
  onBack?: (() => void) | undefined
  /** Shows a cross instead of an arrow, for a pane that closes beside another. */
  closes?: boolean
  actions?: ReactNode
  line?: boolean
}

/** The header of a pane. */
export function PaneHeader({
  title,
  children,
  onBack,
  closes = false,
  actions,
  line = true,
}: PaneHeaderProps) {
  const { t } = useI18n()
  const styles = useStyles()
  const { top } = useSafeAreaInsets()
  return (
    <View style={[styles.bar, { paddingTop: top, minHeight: layout.header + top }, line && styles.line]}>
      {onBack !== undefined && (
        <IconButton
          icon={closes ? 'close' : 'back'}
          size={closes ? 22 : 26}
          label={t(closes ? 'close' : 'back')}
          onPress={onBack}
        />
      )}
      <View style={[styles.middle, onBack === undefined && styles.first]}>
        {children ?? (
          <Text size="title" weight="600" numberOfLines={1} role="heading" aria-level={1}>
            {title}
          </Text>
        )}
      </View>
      {actions}
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  bar: { flexDirection: 'row', alignItems: 'center', paddingHorizontal: space.s, zIndex: 2 },
  line: { borderBottomWidth: 1, borderBottomColor: colors.line },
  middle: { flex: 1, minWidth: 0, paddingHorizontal: space.xs },
  first: { paddingStart: space.s },
}))
