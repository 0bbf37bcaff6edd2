import type { JSONWebKeySet } from 'jose'
import { z } from 'zod'
import type { IssuerClock } from './issuer-clock.ts'

const KeySetJson = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) })

/** Fetches a JSON Web Key Set (RFC 7517) within two seconds; `clock` learns what time it is there. */
export async function fetchKeys(
  url: string,
  { clock, ending }: { clock: IssuerClock; ending: AbortSignal },
): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    signal: AbortSignal.any([ending, AbortSignal.timeout(2000)]),
    headers: { accept: 'application/json' },
  })
  clock.hear(response.headers)
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return KeySetJson.parse(await response.json())
}
