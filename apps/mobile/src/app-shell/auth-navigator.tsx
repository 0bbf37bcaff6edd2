import { NavigationContainer } from '@react-navigation/native'
import { ForgotScreen } from '../features/auth/password-reset-screens.tsx'
import { RegisterScreen } from '../features/auth/register-screen.tsx'
import { SignInScreen } from '../features/auth/sign-in-screen.tsx'
import { createStack } from './create-stack.tsx'
import { authLinking } from './linking.ts'
import { PhoneStack } from './pane-views.tsx'
import type { AuthRoutes } from './routes.ts'

const Stack = createStack<AuthRoutes>(PhoneStack)

/** What a person sees who is not signed in. */
export function AuthNavigator() {
  return (
    <NavigationContainer linking={authLinking} documentTitle={{ enabled: false }}>
      <Stack.Navigator screenOptions={{ headerShown: false }}>
        <Stack.Screen name="login" component={SignInScreen} />
        <Stack.Screen name="register" component={RegisterScreen} />
        <Stack.Screen name="forgot" component={ForgotScreen} />
      </Stack.Navigator>
    </NavigationContainer>
  )
}
