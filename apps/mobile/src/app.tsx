import type { Client } from '@finnigram/client'
import { useEffect } from 'react'
import { StyleSheet, View } from 'react-native'
import { SafeAreaProvider } from 'react-native-safe-area-context'
import { Root } from './app-shell/root.tsx'
import { I18nProvider, useI18n } from './i18n/i18n-provider.tsx'
import { ClientProvider } from './providers/client-provider.tsx'
import { PreferencesProvider } from './providers/preferences.tsx'
import { rightToLeft } from './theme/direction.ts'
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
    <View style={styles.page} dir={rightToLeft ? 'rtl' : 'ltr'}>
      <CrashBoundary title={t('crashTitle')} body={t('crashBody')}>
        <Root />
      </CrashBoundary>
    </View>
  )
}

const styles = StyleSheet.create({ page: { flex: 1 } })
