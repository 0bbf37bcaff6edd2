import { setStringAsync } from 'expo-clipboard'

export async function copyText(text: string): Promise<void> {
  await setStringAsync(text)
}
