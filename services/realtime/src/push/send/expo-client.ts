import { Expo } from 'expo-server-sdk'
import { Agent, type Dispatcher, interceptors } from 'undici'
import { patienceMs } from './outcome.ts'

/** Expo's client, and what ends its connections. */
export interface ExpoClient extends AsyncDisposable {
  readonly expo: Expo
}

/** Where the library sends to; it can be told otherwise only for a whole process. */
const libraryOrigin = 'https://exp.host'

/** Expo's own client for its push API at `url`. An answer from 400 on fails at once, with its status and headers as the cause: the queue is what tries again. */
export function openExpoClient(url: string, accessToken: string | undefined): ExpoClient {
  const agent = new Agent({
    connect: { timeout: patienceMs / 2 },
    headersTimeout: patienceMs,
    bodyTimeout: patienceMs,
    maxResponseSize: 2 ** 20,
  })
  const httpAgent = agent.compose(interceptors.responseError(), sendingTo(new URL(url)))
  return {
    expo: new Expo({ httpAgent, ...(accessToken === undefined ? {} : { accessToken }) }),
    [Symbol.asyncDispose]: () => agent.destroy(),
  }
}

const sendingTo =
  ({ origin, pathname }: URL): Dispatcher.DispatcherComposeInterceptor =>
  (dispatch) =>
  (options, handler) =>
    String(options.origin) === libraryOrigin
      ? dispatch({ ...options, origin, path: pathname.replace(/\/$/, '') + options.path }, handler)
      : dispatch(options, handler)
