import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react'
import { deviceLocale } from './device-locale.ts'
import { en } from './en.ts'
import { createTimeFormat, type TimeFormat } from './format-time.ts'
import { createTranslator } from './translate.ts'

export type Translate = ReturnType<typeof createTranslator<typeof en>>
type I18n = { locale: string; t: Translate; time: TimeFormat }

const I18nContext = createContext<I18n>(createI18n(deviceLocale))

/**
 * Texts and time formats for the device's locale; texts are English until another catalogue exists.
 */
export function I18nProvider({ locale = deviceLocale, children }: { locale?: string; children: ReactNode }) {
  const value = useMemo(() => createI18n(locale), [locale])
  return <I18nContext value={value}>{children}</I18nContext>
}

export const useI18n = () => useContext(I18nContext)

function createI18n(locale: string): I18n {
  const t = createTranslator(en, 'en')
  const words = { now: t('now'), today: t('today'), yesterday: t('yesterday') }
  return { locale, t, time: createTimeFormat(timeLocale(locale), words) }
}

/** Month names stay in the catalogue's language; the region decides the clock and the order. */
function timeLocale(locale: string): string {
  try {
    const { region } = new Intl.Locale(locale).maximize()
    return region === undefined ? 'en' : `en-${region}`
  } catch {
    return 'en'
  }
}

/** The current time, updated each minute. */
export function useMinute(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 60_000)
    return () => clearInterval(timer)
  }, [])
  return now
}
