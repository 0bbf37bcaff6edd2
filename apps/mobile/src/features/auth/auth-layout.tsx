import type { ReactNode } from 'react'
import { KeyboardAvoidingView, ScrollView, useWindowDimensions, View } from 'react-native'
import { useSafeAreaInsets } from 'react-native-safe-area-context'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { StorageWords } from '../../providers/storage-words.tsx'
import { createStyles } from '../../theme/create-styles.ts'
import { space } from '../../theme/scale.ts'
import { Logo } from '../../ui/logo.tsx'
import { Text } from '../../ui/text.tsx'
import { AuthScene } from './auth-scene.tsx'

type AuthStageProps = { title: string; subtitle: string; children: ReactNode }

/** One column with the form; where there is room, a glimpse of a chat beside it. */
export function AuthStage({ title, subtitle, children }: AuthStageProps) {
  const { t } = useI18n()
  const styles = useStyles()
  const insets = useSafeAreaInsets()
  const { width } = useWindowDimensions()
  return (
    <View style={styles.page}>
      <KeyboardAvoidingView behavior="padding" style={styles.half}>
        <ScrollView
          keyboardShouldPersistTaps="handled"
          contentContainerStyle={[styles.centre, { paddingTop: insets.top + space.xl }]}
        >
          <View role="main" style={styles.column}>
            <View style={styles.brand}>
              <Logo size={40} />
              <Text size="heading" weight="700">
                {t('appName')}
              </Text>
            </View>
            <Text size="display" weight="700" role="heading" aria-level={1}>
              {title}
            </Text>
            <Text color="muted" style={styles.subtitle}>
              {subtitle}
            </Text>
            {children}
            <StorageWords />
          </View>
        </ScrollView>
      </KeyboardAvoidingView>
      {width >= 960 && <AuthScene />}
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  page: { flex: 1, flexDirection: 'row', backgroundColor: colors.background },
  half: { flex: 1 },
  centre: { flexGrow: 1, alignItems: 'center', justifyContent: 'center', padding: space.xl },
  column: { width: '100%', maxWidth: 380 },
  brand: { flexDirection: 'row', alignItems: 'center', gap: space.m, marginBottom: space.xxl },
  subtitle: { marginTop: space.xs, marginBottom: space.xl },
}))
