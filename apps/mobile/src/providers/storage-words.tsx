import { useI18n } from '../i18n/i18n-provider.tsx'
import { Text } from '../ui/text.tsx'
import { useStorage } from './use-client-data.ts'

/** What this device does not keep, said quietly; nothing where it keeps all. */
export function StorageWords() {
  const { t } = useI18n()
  const { session, messages } = useStorage()
  if (session && messages) return null
  return (
    <Text testID="storage-words" size="small" color="muted" role="status">
      {t(session ? 'keepsNoMessages' : 'keepsNothing')}
    </Text>
  )
}
