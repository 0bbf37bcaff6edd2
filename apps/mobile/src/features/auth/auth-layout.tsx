import type { ReactNode } from 'react'
import { KeyboardAvoidingView, ScrollView, StyleSheet, useWindowDimensions, View } from 'react-native'
import { useSafeAreaInsets } from 'react-native-safe-area-context'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { StorageNotice } from '../../providers/client-status.tsx'
import { radius, space } from '../../theme/scale.ts'
import { createStyles, useTheme } from '../../theme/theme-provider.tsx'
import { Avatar } from '../../ui/avatar.tsx'
import { Button, SubmitButton } from '../../ui/button.tsx'
import { Logo } from '../../ui/icon.tsx'
import { Text } from '../../ui/text.tsx'
import { Ticks } from '../../ui/ticks.tsx'

type AuthLayoutProps = { title: string; subtitle: string; children: ReactNode }

/** The form in one column; on wide windows a sample chat beside it. */
export function AuthLayout({ title, subtitle, children }: AuthLayoutProps) {
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
            <StorageNotice />
          </View>
        </ScrollView>
      </KeyboardAvoidingView>
      {width >= 960 && <SampleChat />}
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

const sampleMessages = [
  { id: 'aino', name: 'Aino', text: 'Did you see the lake this morning?', mine: false },
  { id: 'me', name: '', text: 'Like glass. I was in before breakfast 🏊', mine: true },
  { id: 'ravi', name: 'Ravi', text: 'You are both mad', mine: false },
  { id: 'me', name: '', text: 'Saturday then, all three?', mine: true },
] as const

/** Decoration: a sample chat, hidden from screen readers. */
function SampleChat() {
  const { colors } = useTheme()
  const styles = useSampleChatStyles()
  return (
    <View style={styles.container} aria-hidden>
      <View style={styles.watermark}>
        <Logo size={560} color={colors.illustrationMark} />
      </View>
      <View style={styles.lines}>
        {sampleMessages.map((line) => (
          <View key={line.text} style={[styles.row, line.mine && styles.mineRow]}>
            {!line.mine && <Avatar id={line.id} name={line.name} size={36} />}
            <View style={[styles.bubble, line.mine ? styles.mine : styles.other]}>
              <Text size="title" color={line.mine ? 'onOwnBubble' : 'text'}>
                {line.text}
              </Text>
              {line.mine && <Ticks status="read" on="own" />}
            </View>
          </View>
        ))}
      </View>
    </View>
  )
}

const useSampleChatStyles = createStyles(({ colors }) => ({
  container: {
    flex: 1,
    margin: space.m,
    borderRadius: 28,
    alignItems: 'center',
    justifyContent: 'center',
    backgroundColor: colors.illustration,
    padding: space.xxl,
    overflow: 'hidden',
  },
  watermark: { position: 'absolute', bottom: -120, end: -120 },
  lines: { width: '100%', maxWidth: 460, gap: space.l },
  row: { flexDirection: 'row', alignItems: 'flex-end', gap: space.s },
  mineRow: { justifyContent: 'flex-end' },
  bubble: {
    flexDirection: 'row',
    alignItems: 'flex-end',
    gap: space.s,
    paddingHorizontal: 18,
    paddingVertical: 12,
    borderRadius: 24,
    maxWidth: '82%',
  },
  mine: { backgroundColor: colors.ownBubble, borderBottomEndRadius: radius.bubbleGrouped },
  other: {
    backgroundColor: colors.illustrationBubble,
    borderBottomStartRadius: radius.bubbleGrouped,
  },
}))

type AuthFooterProps = {
  action: string
  busy: boolean
  question: string
  other: string
  onOther: () => void
}

/** The submit button, and a link to the other form. */
export function AuthFooter({ action, busy, question, other, onOther }: AuthFooterProps) {
  return (
    <View style={styles.footer}>
      <SubmitButton testID="auth-submit" title={action} busy={busy} wide />
      <View style={styles.switch}>
        <Text color="muted">{question}</Text>
        <Button testID="auth-switch" title={other} kind="plain" role="link" onPress={onOther} />
      </View>
    </View>
  )
}

const styles = StyleSheet.create({
  footer: { marginTop: space.s, gap: space.m },
  switch: { flexDirection: 'row', alignItems: 'center', justifyContent: 'center', marginEnd: -space.l },
})
