import { type ReactNode, useState } from 'react'
import { View } from 'react-native'
import { ResetPasswordScreen } from '../features/auth/reset-password-screen.tsx'
import { VerifyEmailScreen } from '../features/auth/verify-email-screen.tsx'
import { useSession } from '../providers/use-client-data.ts'
import { createStyles } from '../theme/create-styles.ts'
import { Logo } from '../ui/logo.tsx'
import { AppNavigator } from './app-navigator.tsx'
import { AuthNavigator } from './auth-navigator.tsx'
import { forgetAddress, rememberAddress, restoreAddress } from './browser-page.ts'
import { takeMailedLink } from './mailed-link.ts'

/** The app or the door to it, by the session; before either, the page a mailed link leads to. */
export function Root() {
  const { status, byPerson } = useSession()
  const styles = useStyles()
  const [link, setLink] = useState(takeMailedLink)
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
    <At key="app" address={restoreAddress}>
      <AppNavigator />
    </At>
  ) : (
    <At key="auth" address={byPerson ? forgetAddress : rememberAddress}>
      <AuthNavigator />
    </At>
  )
}

/** Sets the address once, before the navigator inside reads it. */
function At({ address, children }: { address: () => void; children: ReactNode }) {
  useState(address)
  return children
}

const useStyles = createStyles(({ colors }) => ({
  splash: { flex: 1, alignItems: 'center', justifyContent: 'center', backgroundColor: colors.background },
}))
