import { useWindowDimensions, View } from 'react-native'
import { useI18n } from '../i18n/i18n-provider.tsx'
import { usePreferences } from '../providers/preferences.tsx'
import { layout } from '../theme/scale.ts'
import { createStyles } from '../theme/theme-provider.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { arrangePanes } from './arrange-panes.ts'
import { PaneLayer, PhoneStack, ResizeHandle, type StackViewProps } from './pane-views.tsx'
import { paneOf } from './routes.ts'
import { PaneContext } from './use-pane.ts'

/** Two or three columns: list, chat and, where there is room, details. */
function Columns({ state, descriptors }: StackViewProps) {
  const { t } = useI18n()
  const styles = useStyles()
  const { width } = useWindowDimensions()
  const { listWidth, setPreferences } = usePreferences()
  const { columns, list, main, side } = arrangePanes(state.routes, width)
  const renderPane = (key: string, visible: boolean) => (
    <PaneContext key={key} value={{ columns, visible }}>
      <PaneLayer visible={visible}>{descriptors[key]?.render()}</PaneLayer>
    </PaneContext>
  )
  const lists = state.routes.filter(({ name }) => paneOf(name) === 'list')
  return (
    <View style={styles.columns}>
      <View role="navigation" style={[styles.list, { width: listWidth }]}>
        {lists.map(({ key }) => renderPane(key, key === list))}
      </View>
      <ResizeHandle
        label={t('resizeList')}
        width={listWidth}
        min={layout.listMin}
        max={layout.listMax}
        onResize={(next) => setPreferences({ listWidth: next })}
      />
      <View role="main" style={styles.main}>
        {main === undefined ? (
          <EmptyState icon="chat" title={t('pickChatTitle')} body={t('pickChatBody')} />
        ) : (
          renderPane(main, true)
        )}
      </View>
      {side !== undefined && (
        <View role="complementary" style={styles.side}>
          {renderPane(side, true)}
        </View>
      )}
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  columns: { flex: 1, flexDirection: 'row', backgroundColor: colors.background },
  list: { backgroundColor: colors.surface },
  main: { flex: 1, minWidth: 0 },
  side: { width: layout.sidePane, borderStartWidth: 1, borderStartColor: colors.line },
}))

/**
 * One screen at a time on narrow windows, columns on wide ones. Both show the same navigation
 * state, so resizing closes nothing.
 */
export function AppPanes(props: StackViewProps) {
  const { width } = useWindowDimensions()
  return width < layout.twoPanes ? <PhoneStack {...props} /> : <Columns {...props} />
}
