import { StyleSheet, View } from 'react-native'
import { space } from '../../theme/scale.ts'
import { Avatar } from '../../ui/avatar.tsx'
import type { IconName } from '../../ui/icon-paths.ts'
import { Text } from '../../ui/text.tsx'

type DetailsHeadProps = {
  id: string
  name: string
  subtitle: string
  presence?: 'online' | 'away' | undefined
  icon?: IconName | undefined
}

/** Who or what a page of details is about. */
export function DetailsHead({ id, name, subtitle, presence, icon }: DetailsHeadProps) {
  return (
    <View style={styles.head}>
      <Avatar id={id} name={name} size={104} presence={presence} icon={icon} />
      <Text size="heading" weight="700" align="center" role="heading" aria-level={2} style={styles.name}>
        {name}
      </Text>
      {subtitle !== '' && (
        <Text color="muted" align="center">
          {subtitle}
        </Text>
      )}
    </View>
  )
}

const styles = StyleSheet.create({
  head: { alignItems: 'center', paddingTop: space.xxl, paddingBottom: space.xl, paddingHorizontal: space.l },
  // A word without a break is broken rather than cut off on both sides.
  name: { marginTop: space.l, maxWidth: '100%' },
})
