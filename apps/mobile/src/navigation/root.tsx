import { type ReactNode, useState } from 'react'
import { View } from 'react-native'
import { useSession } from '../providers/use-client-data.ts'
import { createStyles } from '../theme/create-styles.ts'
import { Logo } from '../ui/logo.tsx'
import { AppNavigator } from './app-navigator.tsx'
import { AuthNavigator } from './auth-navigator.tsx'
import { rememberAddress, restoreAddress } from './return-address.ts'

/** The app or the door to it, by the session. */
export function Root() {
  const { status } = useSession()
  const styles = useStyles()
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
    <At key="auth" address={rememberAddress}>
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
