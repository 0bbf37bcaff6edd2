import type { ReactNode } from 'react'
import { Modal, Pressable, StyleSheet, useWindowDimensions, View } from 'react-native'
import { useI18n } from '../i18n/i18n-provider.tsx'
import { createStyles } from '../theme/create-styles.ts'
import { layout, space } from '../theme/scale.ts'

type SheetProps = { label: string; open: boolean; onClose: () => void; children: ReactNode; wide?: boolean }

/** What asks for one decision: a sheet from below on phones, a dialog on wide screens. Esc or a press outside leaves it. */
export function Sheet({ label, open, onClose, children, wide = false }: SheetProps) {
  const { t } = useI18n()
  const styles = useStyles()
  const { width } = useWindowDimensions()
  const dialog = width >= layout.twoPanes
  return (
    <Modal visible={open} transparent animationType="fade" onRequestClose={onClose}>
      <View style={[styles.stage, dialog && styles.centred]}>
        <Pressable
          style={[StyleSheet.absoluteFill, styles.scrim]}
          aria-label={t('close')}
          tabIndex={-1}
          onPress={onClose}
        />
        <View
          role="dialog"
          aria-modal
          aria-label={label}
          style={[styles.panel, dialog ? styles.dialog : styles.bottom, dialog && wide && styles.wideDialog]}
        >
          {children}
        </View>
      </View>
    </Modal>
  )
}

const useStyles = createStyles(({ colors }) => ({
  stage: { flex: 1, justifyContent: 'flex-end' },
  centred: { justifyContent: 'center', alignItems: 'center', padding: space.xl },
  scrim: { backgroundColor: colors.scrim, cursor: 'auto' },
  panel: { backgroundColor: colors.raised, padding: space.l, gap: space.s, maxHeight: '85%' },
  bottom: { borderTopStartRadius: 20, borderTopEndRadius: 20, paddingBottom: space.xl },
  dialog: {
    width: '100%',
    maxWidth: 400,
    borderRadius: 20,
    padding: space.xl,
    boxShadow: `0 12px 40px ${colors.shadow}`,
  },
  wideDialog: { maxWidth: 560 },
}))
