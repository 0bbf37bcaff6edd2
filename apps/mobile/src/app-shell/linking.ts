import { getStateFromPath, type LinkingOptions } from '@react-navigation/native'
import type { AppRoutes, AuthRoutes } from './routes.ts'

/**
 * Paths of the signed-in app. Each opens over the list, so that "back" leads there. An unknown path
 * opens the list.
 */
export const appLinking: LinkingOptions<AppRoutes> = {
  prefixes: ['finnigram://'],
  config: {
    initialRouteName: 'home',
    screens: {
      home: '',
      chat: 'c/:id',
      details: 'c/:id/details',
      new: 'new',
      profile: 'profile',
      invite: 'invite/:code',
    },
  },
  getStateFromPath(path, options) {
    const state = getStateFromPath(path, options)
    const last = state?.routes.at(-1)
    if (state === undefined || last === undefined) return { routes: [{ name: 'home' }] }
    if (last.name !== 'details') return state
    return {
      routes: [
        { name: 'home' },
        { name: 'chat', params: last.params },
        { name: 'details', params: last.params },
      ],
    }
  },
}

export const authLinking: LinkingOptions<AuthRoutes> = {
  prefixes: ['finnigram://'],
  config: { screens: { login: 'login', register: 'register', forgot: 'forgot' } },
}
