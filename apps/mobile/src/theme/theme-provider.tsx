import { createContext, type ReactNode, useContext, useLayoutEffect } from 'react'
import { useColorScheme } from 'react-native'
import { usePreferences } from '../providers/preferences.tsx'
import { paintPage } from './apply-color-scheme.ts'
import { type Theme, themes } from './theme.ts'

const ThemeContext = createContext<Theme>(themes.light)

/** Gives the chosen theme, or the system's when the person follows it. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  const { theme: preference } = usePreferences()
  const system = useColorScheme() === 'dark' ? 'dark' : 'light'
  const theme = themes[preference === 'system' ? system : preference]
  useLayoutEffect(() => paintPage(theme, preference), [theme, preference])
  return <ThemeContext value={theme}>{children}</ThemeContext>
}

export const useTheme = () => useContext(ThemeContext)
