import { type AxiosInstance, type InternalAxiosRequestConfig, isAxiosError } from 'axios'
import { localProblem } from './problems.ts'
import type { TokenSource } from './token-source.ts'

declare module 'axios' {
  interface AxiosRequestConfig {
    /** The call carries the access token. */
    signedIn?: boolean
    /** The token this try carried. */
    sentToken?: string
    /** The call has had its second try with a renewed token. */
    renewed?: boolean
  }
}

/** Puts the access token on every signed-in call; a refused token is renewed and the call tried once more. */
export function authorise(http: AxiosInstance, tokens: TokenSource): void {
  http.interceptors.request.use(async (config) => {
    if (!config.signedIn) return config
    const token = await tokens.current()
    if (token === null) throw localProblem('unauthenticated')
    config.headers.set('Authorization', `Bearer ${token}`)
    config.sentToken = token
    return config
  })
  http.interceptors.response.use(undefined, async (error: unknown) => {
    const config = refusedForToken(error)
    if (!config?.sentToken || config.renewed) throw error
    const token = await tokens.renew(config.sentToken)
    if (token === null) throw error
    return http.request({ ...config, renewed: true })
  })
}

const proofCodes = new Set<unknown>(['invalid_credentials', 'totp_required'])

function refusedForToken(error: unknown): InternalAxiosRequestConfig | undefined {
  if (!isAxiosError(error) || error.response?.status !== 401) return undefined
  // A wrong password or a missing code is no matter of the token: tried again, it would count as two guesses.
  return proofCodes.has(error.response.data?.code) ? undefined : error.config
}
