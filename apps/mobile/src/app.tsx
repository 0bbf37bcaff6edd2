import type { Client } from '@finnigram/client'
import { useEffect } from 'react'
import { SafeAreaProvider } from 'react-native-safe-area-context'
import { I18nProvider, useI18n } from './i18n/i18n-provider.tsx'
import { Root } from './navigation/root.tsx'
import { ClientProvider } from './providers/client-provider.tsx'
import { PreferencesProvider } from './providers/preferences.tsx'
import { ThemeProvider } from './theme/theme-provider.tsx'
import { CrashBoundary } from './ui/crash-boundary.tsx'

/** The whole app around one client, which it starts and stops. */
export function App({ client }: { client: Client }) {
  useEffect(() => {
    client.start()
    return () => void client.stop()
  }, [client])
  return (
    <SafeAreaProvider>
      <I18nProvider>
        <PreferencesProvider>
          <ThemeProvider>
            <ClientProvider client={client}>
              <Guarded />
            </ClientProvider>
          </ThemeProvider>
        </PreferencesProvider>
      </I18nProvider>
    </SafeAreaProvider>
  )
}

function Guarded() {
  const { t } = useI18n()
  return (
    <CrashBoundary title={t('crashTitle')} body={t('crashBody')}>
      <Root />
    </CrashBoundary>
  )
}
