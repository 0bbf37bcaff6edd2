import { setStringAsync } from 'expo-clipboard'
import { useSyncExternalStore } from 'react'
import { AccessibilityInfo, AppState, Linking } from 'react-native'

/** Announces a text through the screen reader. */
export const announce = (text: string): void => AccessibilityInfo.announceForAccessibility(text)

/** Copies a text; resolves to whether that worked. */
export function copyText(text: string): Promise<boolean> {
  return setStringAsync(text).catch(() => false)
}

/** Props that open a link in the system's browser. */
export const openLink = (href: string) => ({
  onPress: () => {
    void Linking.openURL(href)
  },
})

const subscribe = (listener: () => void) => {
  const subscription = AppState.addEventListener('change', listener)
  return () => subscription.remove()
}

/** Whether the app is in the foreground. */
export const useIsAppInFocus = () => useSyncExternalStore(subscribe, () => AppState.currentState === 'active')
