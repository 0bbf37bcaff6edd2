import { type Ref, useImperativeHandle, useRef } from 'react'
import { TextInput } from 'react-native'
import { layout, space, typeScale } from '../../theme/scale.ts'
import { createStyles, useTheme } from '../../theme/theme-provider.tsx'

export type ComposerInputHandle = { focus: () => void }

export type ComposerInputProps = {
  value: string
  label: string
  onChange: (text: string) => void
  onSend: () => void
  /** The Esc key. */
  onEscape: () => void
  ref?: Ref<ComposerInputHandle>
}

/** Text input of the composer; grows to six lines. */
export function ComposerInput({ value, label, onChange, ref }: ComposerInputProps) {
  const { colors } = useTheme()
  const styles = useStyles()
  const input = useRef<TextInput>(null)
  useImperativeHandle(ref, () => ({ focus: () => input.current?.focus() }))
  return (
    <TextInput
      ref={input}
      testID="composer-input"
      multiline
      value={value}
      aria-label={label}
      placeholder={label}
      placeholderTextColor={colors.muted}
      onChangeText={onChange}
      style={styles.input}
    />
  )
}

const useStyles = createStyles(({ colors }) => ({
  input: {
    ...typeScale.message,
    flex: 1,
    color: colors.text,
    paddingHorizontal: space.l,
    paddingVertical: 12,
    maxHeight: typeScale.message.lineHeight * layout.composerLines + 24,
  },
}))
