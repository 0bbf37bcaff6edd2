import { type Ref, useState } from 'react'
import { TextInput, type TextInputProps, View } from 'react-native'
import { useI18n } from '../i18n/i18n-provider.tsx'
import { minimumTarget, radius, space, typeScale } from '../theme/scale.ts'
import { createStyles, useTheme } from '../theme/theme-provider.tsx'
import { IconButton } from './button.tsx'
import { Icon } from './icon.tsx'

type SearchFieldProps = Omit<TextInputProps, 'style' | 'children'> & {
  label: string
  value: string
  onChangeText: (text: string) => void
  /** The background it is on. */
  on?: 'background' | 'surface'
  ref?: Ref<TextInput>
}

/** Search input with a clear button. */
export function SearchField({ label, on = 'background', ...input }: SearchFieldProps) {
  const { t } = useI18n()
  const { colors } = useTheme()
  const styles = useStyles()
  const [focused, setFocused] = useState(false)
  return (
    <View style={[styles.pill, on === 'surface' && styles.onSurface, focused && styles.focused]}>
      <Icon name="search" size={18} color="muted" />
      <TextInput
        enterKeyHint="search"
        placeholder={label}
        placeholderTextColor={colors.muted}
        autoCapitalize="none"
        autoCorrect={false}
        spellCheck={false}
        {...input}
        aria-label={label}
        onKeyPress={({ nativeEvent }) => {
          if (nativeEvent.key === 'Escape' && input.value !== '') input.onChangeText('')
        }}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        style={styles.input}
      />
      {input.value !== '' && (
        <IconButton icon="close" size={18} label={t('clear')} onPress={() => input.onChangeText('')} />
      )}
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  pill: {
    flexDirection: 'row',
    alignItems: 'center',
    height: minimumTarget,
    paddingStart: space.m + 2,
    borderRadius: radius.pill,
    borderWidth: 1.5,
    borderColor: 'transparent',
    backgroundColor: colors.otherBubble,
  },
  onSurface: { backgroundColor: colors.background, borderColor: colors.line },
  focused: { borderColor: colors.accent, backgroundColor: colors.background },
  input: {
    fontSize: typeScale.message.fontSize,
    flex: 1,
    minWidth: 0,
    alignSelf: 'stretch',
    paddingHorizontal: space.s,
    color: colors.text,
  },
}))
