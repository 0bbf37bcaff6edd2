import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react'
import { layout } from '../theme/scale.ts'
import { deviceStorage } from './device.ts'

export type ThemePreference = 'system' | 'light' | 'dark'
type Preferences = { theme: ThemePreference; listWidth: number }
type PreferencesContextValue = Preferences & { setPreferences: (change: Partial<Preferences>) => void }

const storageKey = 'finnigram.preferences'
const defaults: Preferences = { theme: 'system', listWidth: 360 }
const PreferencesContext = createContext<PreferencesContextValue>({ ...defaults, setPreferences: () => {} })

/** Preferences of this device, kept over restarts. `public/shell.js` reads the theme from them. */
export function PreferencesProvider({ children }: { children: ReactNode }) {
  const [preferences, setState] = useState(readPreferences)
  const setPreferences = useCallback((change: Partial<Preferences>) => {
    setState((before) => {
      const after = { ...before, ...change }
      deviceStorage.write(storageKey, JSON.stringify(after))
      return after
    })
  }, [])
  const value = useMemo(() => ({ ...preferences, setPreferences }), [preferences, setPreferences])
  return <PreferencesContext value={value}>{children}</PreferencesContext>
}

export const usePreferences = () => useContext(PreferencesContext)

function readPreferences(): Preferences {
  const stored = parse(deviceStorage.read(storageKey))
  const theme = stored['theme']
  const width = stored['listWidth']
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : defaults.theme,
    listWidth:
      typeof width === 'number'
        ? Math.min(Math.max(width, layout.listMin), layout.listMax)
        : defaults.listWidth,
  }
}

function parse(json: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json ?? '{}')
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
