import { CommonActions, StackActions, useNavigation } from '@react-navigation/native'
import { type ReactNode, useEffect, useState } from 'react'
import { FindSheet } from '../features/search/find-sheet.tsx'
import { useI18n } from '../i18n/i18n-provider.tsx'
import { useConversations } from '../providers/use-client-data.ts'
import { openConversationId } from './open-conversation-id.ts'
import { setPageTitle } from './page-title.ts'
import type { Shortcut } from './shortcut.ts'
import { KeysSheet } from './shortcuts-sheet.tsx'
import { useShortcuts } from './use-shortcuts.ts'

type EverywhereProps = {
  state: { routes: readonly { name: string; params?: object | undefined }[] }
  children: ReactNode
}

/** What works on every screen: keys, the dialogs they open, the title of the page. */
export function Everywhere({ state, children }: EverywhereProps) {
  const { t } = useI18n()
  const navigation = useNavigation()
  const conversations = useConversations()
  const [dialog, setDialog] = useState<'find' | 'keys' | null>(null)
  const openId = openConversationId(state)

  const unread = conversations.filter(({ me }) => me.unreadCount > 0 && me.mutedUntil === null).length
  const open = conversations.find(({ id }) => id === openId)
  const name = open === undefined ? t('appName') : `${open.displayTitle} · ${t('appName')}`
  useEffect(() => setPageTitle(unread > 0 ? `(${unread}) ${name}` : name), [unread, name])

  useShortcuts((shortcut: Shortcut) => {
    if (shortcut === 'find' || shortcut === 'keys') return setDialog(shortcut)
    if (shortcut === 'leave') {
      if (state.routes.length > 1) navigation.dispatch(CommonActions.goBack())
      return
    }
    const at = conversations.findIndex(({ id }) => id === openId)
    const next = conversations[shortcut === 'next' ? at + 1 : at - 1]
    if (next === undefined) return
    const { id } = next
    navigation.dispatch(
      openId === undefined ? StackActions.push('chat', { id }) : StackActions.replace('chat', { id }),
    )
  })
  return (
    <>
      {children}
      <FindSheet open={dialog === 'find'} onClose={() => setDialog(null)} />
      <KeysSheet open={dialog === 'keys'} onClose={() => setDialog(null)} />
    </>
  )
}
