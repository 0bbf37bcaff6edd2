import { type ImageStyle, StyleSheet, type TextStyle, type ViewStyle } from 'react-native'
import type { Theme } from './theme.ts'
import { useTheme } from './theme-provider.tsx'

type NamedStyles<T> = { [Name in keyof T]: ViewStyle | TextStyle | ImageStyle }

/** A hook that gives a component its styles for the present theme; each sheet is made once per theme. */
export function createStyles<T extends NamedStyles<T>>(make: (theme: Theme) => T & NamedStyles<T>): () => T {
  const sheets = new Map<Theme, T>()
  return () => {
    const theme = useTheme()
    const known = sheets.get(theme)
    if (known) return known
    const sheet = StyleSheet.create<T>(make(theme))
    sheets.set(theme, sheet)
    return sheet
  }
}
