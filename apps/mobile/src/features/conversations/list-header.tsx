import { View } from 'react-native'
import { useSafeAreaInsets } from 'react-native-safe-area-context'
import { usePane } from '../../app-shell/use-pane.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { ConnectionWords } from '../../providers/client-status.tsx'
import { useConnection, useMe } from '../../providers/use-client-data.ts'
import { createStyles } from '../../theme/create-styles.ts'
import { layout, minimumTarget, radius, space } from '../../theme/scale.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'

type ListHeaderProps = { onProfile: () => void; onNew: () => void }

/** Me, the state of the connection where there is something to say, and the way to a new chat. */
export function ListHeader({ onProfile, onNew }: ListHeaderProps) {
  const { t } = useI18n()
  const styles = useStyles()
  const me = useMe()
  const { top } = useSafeAreaInsets()
  const { visible } = usePane()
  const connected = useConnection() === 'online'
  return (
    <View style={[styles.header, { paddingTop: top, height: layout.header + top }]}>
      <Touchable
        testID="profile"
        label={t('yourProfile')}
        feedback="fade"
        style={styles.me}
        onPress={onProfile}
      >
        <Avatar id={me.id} name={me.displayName} size={36} />
      </Touchable>
      <View style={styles.middle}>
        {connected || !visible ? (
          <Text size="heading" weight="700" role="heading" aria-level={1}>
            {t('chats')}
          </Text>
        ) : (
          <ConnectionWords announced />
        )}
      </View>
      <IconButton testID="new-chat" icon="compose" label={t('newChat')} color="accent" onPress={onNew} />
    </View>
  )
}

const useStyles = createStyles(() => ({
  header: { flexDirection: 'row', alignItems: 'center', paddingHorizontal: space.m, gap: space.s },
  me: {
    width: minimumTarget,
    height: minimumTarget,
    borderRadius: radius.pill,
    alignItems: 'center',
    justifyContent: 'center',
  },
  middle: { flex: 1, minWidth: 0 },
}))
