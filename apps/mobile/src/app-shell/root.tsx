/**
 * The app shell: which navigator is mounted, and what works on every screen.
 *
 * Order of decisions: an email link in the address wins; then the session decides. While it loads,
 * a splash screen shows; signed in mounts the app navigator, anything else the sign-in navigator.
 *
 * Both navigators are one stack of screens each (`createStack`). `AppPanes` shows that stack one
 * screen at a time, or spread over columns where the window is wide. So resizing keeps the screens
 * that are open.
 *
 * This is the only file of `app-shell` that imports features: it mounts their screens. Features
 * import routes, openers and `usePane` from here, never the other way round;
 * `scripts/check-boundaries.ts` refuses it.
 *
 * It keeps no server data. The path that a signed-out person wanted is restored once after signing
 * in (`browser-page`), and cleared when they sign out themselves.
 */

import { CommonActions, NavigationContainer, StackActions, useNavigation } from '@react-navigation/native'
import { type ReactNode, useEffect, useState } from 'react'
import { View } from 'react-native'
import { ForgotScreen, ResetPasswordScreen } from '../features/auth/password-reset-screens.tsx'
import { RegisterScreen } from '../features/auth/register-screen.tsx'
import { SignInScreen } from '../features/auth/sign-in-screen.tsx'
import { VerifyEmailScreen } from '../features/auth/verify-email-screen.tsx'
import { ChatScreen } from '../features/chat/chat-screen.tsx'
import { ConversationListScreen } from '../features/conversations/conversation-list-screen.tsx'
import { DetailsScreen } from '../features/people/details-screen.tsx'
import { InviteScreen } from '../features/people/invite-screen.tsx'
import { NewChatScreen } from '../features/people/new-chat-screen.tsx'
import { ProfileScreen } from '../features/profile/profile-screen.tsx'
import { FindSheet } from '../features/search/find-results.tsx'
import { useI18n } from '../i18n/i18n-provider.tsx'
import { useConversations, useSession } from '../providers/use-client-data.ts'
import { createStyles } from '../theme/theme-provider.tsx'
import { Logo } from '../ui/icon.tsx'
import { AppPanes } from './app-panes.tsx'
import {
  clearReturnPath,
  readEmailLink,
  restoreReturnPath,
  saveReturnPath,
  setPageTitle,
} from './browser-page.ts'
import { createStack } from './create-stack.tsx'
import { appLinking, authLinking } from './linking.ts'
import { PhoneStack } from './pane-views.tsx'
import { type AppRoutes, type AuthRoutes, openConversationId } from './routes.ts'
import type { Shortcut } from './shortcut.ts'
import { ShortcutsSheet } from './shortcuts-sheet.tsx'
import { useShortcuts } from './use-shortcuts.ts'

/** Mounts the app or the sign-in forms, by session; an email link's page comes first. */
export function Root() {
  const { status, byPerson } = useSession()
  const styles = useStyles()
  const [link, setLink] = useState(readEmailLink)
  if (link !== null) {
    const Page = link.page === 'reset-password' ? ResetPasswordScreen : VerifyEmailScreen
    return <Page token={link.token} onDone={() => setLink(null)} />
  }
  if (status === 'loading') {
    return (
      <View style={styles.splash}>
        <Logo size={64} />
      </View>
    )
  }
  return status === 'signedIn' ? (
    <WithAddress key="app" address={restoreReturnPath}>
      <AppNavigator />
    </WithAddress>
  ) : (
    <WithAddress key="auth" address={byPerson ? clearReturnPath : saveReturnPath}>
      <AuthNavigator />
    </WithAddress>
  )
}

/** Sets the path once, before the navigator inside reads it. */
function WithAddress({ address, children }: { address: () => void; children: ReactNode }) {
  useState(address)
  return children
}

const useStyles = createStyles(({ colors }) => ({
  splash: { flex: 1, alignItems: 'center', justifyContent: 'center', backgroundColor: colors.background },
}))

const AppStack = createStack<AppRoutes>(AppPanes)

/** The screens of a signed-in person. */
function AppNavigator() {
  return (
    <NavigationContainer linking={appLinking} documentTitle={{ enabled: false }}>
      <AppStack.Navigator
        initialRouteName="home"
        screenOptions={{ headerShown: false }}
        layout={({ state, children }) => <AppFrame state={state}>{children}</AppFrame>}
      >
        <AppStack.Screen name="home" component={ConversationListScreen} />
        <AppStack.Screen name="chat" component={ChatScreen} getId={({ params }) => params.id} />
        <AppStack.Screen name="details" component={DetailsScreen} getId={({ params }) => params.id} />
        <AppStack.Screen name="new" component={NewChatScreen} />
        <AppStack.Screen name="profile" component={ProfileScreen} />
        <AppStack.Screen name="invite" component={InviteScreen} getId={({ params }) => params.code} />
      </AppStack.Navigator>
    </NavigationContainer>
  )
}

const AuthStack = createStack<AuthRoutes>(PhoneStack)

/** The screens of a signed-out person. */
function AuthNavigator() {
  return (
    <NavigationContainer linking={authLinking} documentTitle={{ enabled: false }}>
      <AuthStack.Navigator screenOptions={{ headerShown: false }}>
        <AuthStack.Screen name="login" component={SignInScreen} />
        <AuthStack.Screen name="register" component={RegisterScreen} />
        <AuthStack.Screen name="forgot" component={ForgotScreen} />
      </AuthStack.Navigator>
    </NavigationContainer>
  )
}

type AppFrameProps = {
  state: { routes: readonly { name: string; params?: object | undefined }[] }
  children: ReactNode
}

/** Around every screen: keyboard shortcuts, their dialogs, the page title. */
function AppFrame({ state, children }: AppFrameProps) {
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
      <ShortcutsSheet open={dialog === 'keys'} onClose={() => setDialog(null)} />
    </>
  )
}
