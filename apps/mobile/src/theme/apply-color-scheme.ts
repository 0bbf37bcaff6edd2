import { Appearance } from 'react-native'
import type { ThemePreference } from '../providers/preferences.tsx'
import type { Theme } from './theme.ts'

/** Sets the system's scheme for keyboards and dialogs. */
export function applyColorScheme(_theme: Theme, preference: ThemePreference): void {
  Appearance.setColorScheme(preference === 'system' ? 'unspecified' : preference)
}
