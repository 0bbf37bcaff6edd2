import type { NativeStackNavigationProp } from '@react-navigation/native-stack'

export type AuthRoutes = { login: undefined; register: undefined; forgot: undefined }

export type AppRoutes = {
  home: undefined
  chat: { id: string }
  details: { id: string }
  new: undefined
  profile: undefined
  invite: { code: string }
}

export type AuthNavigation = NativeStackNavigationProp<AuthRoutes>
export type AppNavigation = NativeStackNavigationProp<AppRoutes>

/** The column that a screen belongs to on wide windows. */
export type Pane = 'list' | 'main' | 'side'

const panes: Record<string, Pane> = {
  home: 'list',
  new: 'list',
  profile: 'list',
  details: 'side',
} satisfies Partial<Record<keyof AppRoutes, Pane>>

export const paneOf = (routeName: string): Pane => panes[routeName] ?? 'main'

type NavigationRoutes = { routes: readonly { name: string; params?: object | undefined }[] }

/** The id of the open conversation, on top or beside the list. */
export function openConversationId({ routes }: NavigationRoutes): string | undefined {
  const params = routes.findLast(({ name }) => name === 'chat' || name === 'details')?.params
  return params !== undefined && 'id' in params && typeof params.id === 'string' ? params.id : undefined
}
