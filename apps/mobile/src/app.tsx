import type { Client } from '@finnigram/client'
import { Component, type ReactNode, useEffect } from 'react'
import { StyleSheet, View } from 'react-native'
import { SafeAreaProvider } from 'react-native-safe-area-context'
import { Root } from './app-shell/root.tsx'
import { rightToLeft } from './i18n/device-locale.ts'
import { I18nProvider, useI18n } from './i18n/i18n-provider.tsx'
import { ClientProvider } from './providers/client-provider.tsx'
import { PreferencesProvider } from './providers/preferences.tsx'
import { ThemeProvider } from './theme/theme-provider.tsx'
import { EmptyState } from './ui/empty-state.tsx'

/** The app around one client, which it starts and stops. */
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

type CrashBoundaryProps = { title: string; body: string; children: ReactNode }

/** Error boundary: shows a message in place of a screen that failed to render. */
class CrashBoundary extends Component<CrashBoundaryProps, { broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError() {
    return { broken: true }
  }

  override render() {
    const { title, body, children } = this.props
    return this.state.broken ? <EmptyState icon="alert" title={title} body={body} /> : children
  }
}
