import type { ComponentProps, Ref } from 'react'
import { ActivityIndicator, StyleSheet, type View } from 'react-native'
import { minimumTarget, radius, space } from '../theme/scale.ts'
import type { Palette } from '../theme/theme.ts'
import { useTheme } from '../theme/theme-provider.tsx'
import { useForm } from './form-context.ts'
import { Icon, type IconName } from './icon.tsx'
import { Text } from './text.tsx'
import { Touchable, type TouchableProps } from './touchable.tsx'

type ButtonKind = 'primary' | 'soft' | 'plain' | 'danger' | 'plainDanger'
type ButtonProps = Omit<TouchableProps, 'children' | 'style' | 'feedback'> & {
  title: string
  kind?: ButtonKind
  icon?: IconName
  /** In progress: keeps its size and ignores presses. */
  busy?: boolean
  wide?: boolean
}

const variants: Record<ButtonKind, { fill: keyof Palette | undefined; text: keyof Palette }> = {
  primary: { fill: 'accent', text: 'onAccent' },
  soft: { fill: 'accentSoft', text: 'accent' },
  plain: { fill: undefined, text: 'accent' },
  danger: { fill: 'dangerSoft', text: 'danger' },
  plainDanger: { fill: undefined, text: 'danger' },
}

export function Button({ title, kind = 'primary', icon, busy = false, wide = false, ...rest }: ButtonProps) {
  const { colors } = useTheme()
  const { fill, text } = variants[kind]
  return (
    <Touchable
      {...rest}
      aria-busy={busy}
      disabled={rest.disabled === true || busy}
      feedback={fill === undefined ? 'overlay' : 'fade'}
      style={[styles.base, fill !== undefined && { backgroundColor: colors[fill] }, wide && styles.wide]}
    >
      {busy ? (
        <ActivityIndicator size="small" color={colors[text]} />
      ) : (
        icon !== undefined && <Icon name={icon} size={18} color={text} />
      )}
      <Text color={text} weight="600">
        {title}
      </Text>
    </Touchable>
  )
}

const styles = StyleSheet.create({
  base: {
    minHeight: minimumTarget,
    paddingHorizontal: space.l + 2,
    borderRadius: radius.pill,
    flexDirection: 'row',
    alignItems: 'center',
    justifyContent: 'center',
    gap: space.s,
  },
  wide: { alignSelf: 'stretch', minHeight: 48 },
})

type IconButtonProps = Omit<TouchableProps, 'children' | 'style' | 'label'> & {
  icon: IconName
  label: string
  color?: keyof Palette
  size?: number
  ref?: Ref<View>
}

/** A round icon button. */
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

/** Submits the surrounding form. */
export function SubmitButton(props: Omit<ComponentProps<typeof Button>, 'onPress'>) {
  const { submit } = useForm()
  return <Button {...props} onPress={submit} />
}
