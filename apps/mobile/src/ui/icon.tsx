import { View } from 'react-native'
import { rightToLeft } from '../theme/direction.ts'
import type { Palette } from '../theme/palette.ts'
import { useTheme } from '../theme/theme-provider.tsx'
import { type IconName, iconPaths } from './icon-paths.ts'
import { SvgPath } from './svg.tsx'

type IconProps = { name: IconName; size?: number; color?: keyof Palette; stroke?: number }

/** Icons that point along the reading direction, mirrored where it runs right to left. */
const directional = new Set<IconName>(['back', 'forward', 'reply', 'logOut'])

export function Icon({ name, size = 22, color = 'text', stroke = 2 }: IconProps) {
  const { colors } = useTheme()
  const drawing = (
    <SvgPath grid={[24, 24]} width={size} path={iconPaths[name]} color={colors[color]} stroke={stroke} />
  )
  return directional.has(name) ? <View style={mirrored}>{drawing}</View> : drawing
}

const mirrored = { transform: [{ scaleX: rightToLeft ? -1 : 1 }] }
