import type { ReactNode } from 'react'
import { StyleSheet, View } from 'react-native'
import { radius, space } from '../theme/scale.ts'
import { useTheme } from '../theme/theme-provider.tsx'
import { Icon, type IconName } from './icon.tsx'
import { Text } from './text.tsx'

type EmptyStateProps = { icon: IconName; title: string; body: string; children?: ReactNode }

/** Shown where there is nothing yet: what to do first. */
export function EmptyState({ icon, title, body, children }: EmptyStateProps) {
  const { colors } = useTheme()
  return (
    <View style={styles.column}>
      <View style={[styles.disc, { backgroundColor: colors.accentSoft }]}>
        <Icon name={icon} size={30} color="accent" stroke={1.75} />
      </View>
      <Text size="title" weight="600" align="center" role="heading" aria-level={2}>
        {title}
      </Text>
      <Text color="muted" align="center" style={styles.body}>
        {body}
      </Text>
      {children !== undefined && <View style={styles.action}>{children}</View>}
    </View>
  )
}

const styles = StyleSheet.create({
  column: { flex: 1, alignItems: 'center', justifyContent: 'center', padding: space.xl, gap: space.xs },
  disc: {
    width: 72,
    height: 72,
    borderRadius: radius.pill,
    alignItems: 'center',
    justifyContent: 'center',
    marginBottom: space.m,
  },
  body: { maxWidth: 320 },
  action: { marginTop: space.l },
})
