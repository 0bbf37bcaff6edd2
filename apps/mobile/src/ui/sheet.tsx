import type { ReactNode } from 'react'
import { Modal, Pressable, StyleSheet, View } from 'react-native'
import { useI18n } from '../i18n/i18n-provider.tsx'
import { space } from '../theme/scale.ts'
import { createStyles } from '../theme/theme-provider.tsx'

export type SheetProps = { label: string; open: boolean; onClose: () => void; children: ReactNode }

/** Bottom sheet for one decision; a press outside or "back" closes it. */
export function Sheet({ label, open, onClose, children }: SheetProps) {
  const { t } = useI18n()
  const styles = useStyles()
  return (
    <Modal visible={open} transparent animationType="slide" onRequestClose={onClose}>
      <View style={styles.container}>
        <Pressable
          style={[StyleSheet.absoluteFill, styles.scrim]}
          role="button"
          aria-label={t('close')}
          onPress={onClose}
        />
        <View role="dialog" aria-modal aria-label={label} style={styles.panel}>
          {children}
        </View>
      </View>
    </Modal>
  )
}

const useStyles = createStyles(({ colors }) => ({
  container: { flex: 1, justifyContent: 'flex-end' },
  scrim: { backgroundColor: colors.scrim },
  panel: {
    backgroundColor: colors.raised,
    padding: space.l,
    paddingBottom: space.xxl,
    maxHeight: '85%',
    borderTopStartRadius: 20,
    borderTopEndRadius: 20,
  },
}))
