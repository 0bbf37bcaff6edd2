import { Appearance } from 'react-native'
import type { ThemePreference } from '../providers/preferences.tsx'
import type { Theme } from './theme.ts'

/** Tells the system which scheme the app shows, so that keyboards and dialogs match. */
export function applyColorScheme(_theme: Theme, preference: ThemePreference): void {
  Appearance.setColorScheme(preference === 'system' ? 'unspecified' : preference)
}
