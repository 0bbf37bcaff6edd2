import { NavigationContainer } from '@react-navigation/native'
import { ChatScreen } from '../features/chat/chat-screen.tsx'
import { ConversationListScreen } from '../features/conversations/conversation-list-screen.tsx'
import { DetailsScreen } from '../features/people/details-screen.tsx'
import { InviteScreen } from '../features/people/invite-screen.tsx'
import { NewChatScreen } from '../features/people/new-chat-screen.tsx'
import { ProfileScreen } from '../features/profile/profile-screen.tsx'
import { AppScenes } from './app-scenes.tsx'
import { createStack } from './create-stack.tsx'
import { Everywhere } from './everywhere.tsx'
import { appLinking } from './linking.ts'
import type { AppRoutes } from './routes.ts'

const Stack = createStack<AppRoutes>(AppScenes)

/** What a person sees who is signed in. */
export function AppNavigator() {
  return (
    <NavigationContainer linking={appLinking} documentTitle={{ enabled: false }}>
      <Stack.Navigator
        initialRouteName="home"
        screenOptions={{ headerShown: false }}
        layout={({ state, children }) => <Everywhere state={state}>{children}</Everywhere>}
      >
        <Stack.Screen name="home" component={ConversationListScreen} />
        <Stack.Screen name="chat" component={ChatScreen} getId={({ params }) => params.id} />
        <Stack.Screen name="details" component={DetailsScreen} getId={({ params }) => params.id} />
        <Stack.Screen name="new" component={NewChatScreen} />
        <Stack.Screen name="profile" component={ProfileScreen} />
        <Stack.Screen name="invite" component={InviteScreen} getId={({ params }) => params.code} />
      </Stack.Navigator>
    </NavigationContainer>
  )
}
