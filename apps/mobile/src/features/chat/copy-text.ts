import { setStringAsync } from 'expo-clipboard'

/** Whether the text is on the clipboard now. */
export function copyText(text: string): Promise<boolean> {
  return setStringAsync(text).catch(() => false)
}
