import { createContext, type ReactNode, useContext, useLayoutEffect } from 'react'
import { type ImageStyle, StyleSheet, type TextStyle, useColorScheme, type ViewStyle } from 'react-native'
import { usePreferences } from '../providers/preferences.tsx'
import { applyColorScheme } from './apply-color-scheme.ts'
import { type Theme, themes } from './theme.ts'

const ThemeContext = createContext<Theme>(themes.light)

/** Provides the chosen theme, or the system's. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  const { theme: preference } = usePreferences()
  const system = useColorScheme() === 'dark' ? 'dark' : 'light'
  const theme = themes[preference === 'system' ? system : preference]
  useLayoutEffect(() => applyColorScheme(theme, preference), [theme, preference])
  return <ThemeContext value={theme}>{children}</ThemeContext>
}

export const useTheme = () => useContext(ThemeContext)

type NamedStyles<T> = { [Name in keyof T]: ViewStyle | TextStyle | ImageStyle }

/** Creates a hook that returns a component's styles; a style sheet is made once per theme. */
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
