import type { ReactNode } from 'react'
import { View } from 'react-native'
import { layout, radius, space } from '../../theme/scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Avatar, type AvatarProps } from '../../ui/avatar.tsx'
import { Touchable } from '../../ui/touchable.tsx'

type ListRowProps = {
  testID: string
  avatar: Omit<AvatarProps, 'on' | 'size'>
  selected: boolean
  onPress: () => void
  /** Lines beside the avatar. */
  children: ReactNode
  /** Content at the end of the row. */
  end?: ReactNode
}

/** A pressable row: avatar and lines beside it. */
export function ListRow({ testID, avatar, selected, onPress, children, end }: ListRowProps) {
  const styles = useStyles()
  return (
    <Touchable
      role="link"
      testID={testID}
      aria-current={selected ? 'page' : undefined}
      style={[styles.row, selected && styles.selected]}
      onPress={onPress}
    >
      <Avatar {...avatar} on="surface" />
      <View style={styles.lines}>{children}</View>
      {end}
    </Touchable>
  )
}

const useStyles = createStyles(({ colors }) => ({
  row: {
    height: layout.conversationRow,
    marginHorizontal: space.s,
    paddingHorizontal: space.s,
    borderRadius: radius.card,
    flexDirection: 'row',
    alignItems: 'center',
    gap: space.m,
  },
  selected: { backgroundColor: colors.accentSoft },
  lines: { flex: 1, minWidth: 0, gap: 2 },
}))
