import { useState } from 'react'
import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { space } from '../../theme/scale.ts'
import { SearchField } from '../../ui/search-field.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { FindResults } from './find-results.tsx'

/** Goes to any chat or person by a few letters. */
export function FindSheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useI18n()
  const [query, setQuery] = useState('')
  const close = () => {
    setQuery('')
    onClose()
  }
  return (
    <Sheet label={t('keyFind')} open={open} onClose={close}>
      <SearchField
        testID="find"
        label={t('findChatsAndPeople')}
        value={query}
        onChangeText={setQuery}
        autoFocus
      />
      <View style={styles.results}>
        <FindResults query={query.trim()} onDone={close} />
      </View>
    </Sheet>
  )
}

const styles = StyleSheet.create({ results: { height: 360, marginHorizontal: -space.l, marginTop: space.s } })
