import { AccessibilityInfo } from 'react-native'

/** Says something through the screen reader. */
export const announce = (text: string): void => AccessibilityInfo.announceForAccessibility(text)
