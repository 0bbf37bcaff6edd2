import type { PresenceView } from '@finnigram/client'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useMinute } from '../../i18n/use-minute.ts'

/** A person's presence in words; empty where it is not known. */
export function usePresenceWords({ status, lastSeenAt }: PresenceView): string {
  const { t, time } = useI18n()
  const now = useMinute()
  if (status === 'online') return t('online')
  if (status === 'away') return t('away')
  if (lastSeenAt === null) return status === 'offline' ? t('offline') : ''
  const seen = Date.parse(lastSeenAt)
  if (now - seen < 60_000) return t('lastSeenJustNow')
  return t('lastSeen', { when: time.short(seen, now) })
}
