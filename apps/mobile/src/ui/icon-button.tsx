import type { Ref } from 'react'
import type { View } from 'react-native'
import type { Palette } from '../theme/palette.ts'
import { minimumTarget, radius } from '../theme/scale.ts'
import { Icon } from './icon.tsx'
import type { IconName } from './icon-paths.ts'
import { Touchable, type TouchableProps } from './touchable.tsx'

type IconButtonProps = Omit<TouchableProps, 'children' | 'style' | 'label'> & {
  icon: IconName
  label: string
  color?: keyof Palette
  size?: number
  ref?: Ref<View>
}

/** A round button that is only an icon. */
export function IconButton({ icon, color = 'muted', size = 22, ...rest }: IconButtonProps) {
  return (
    <Touchable {...rest} style={shape}>
      <Icon name={icon} color={color} size={size} />
    </Touchable>
  )
}

const shape = {
  width: minimumTarget,
  height: minimumTarget,
  borderRadius: radius.pill,
  alignItems: 'center',
  justifyContent: 'center',
} as const
