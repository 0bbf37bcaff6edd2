import { hash } from 'node:crypto'
import { errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import { AppError } from '../errors.ts'
import type { Logger } from '../logger/logger.ts'
import { createIssuerClock, createKeySet, fetchKeys, type IssuerClock, type KeySet } from './issuer-keys.ts'

/** The signed-in user, as the access token says. */
export interface Actor {
  readonly userId: string
  readonly sessionId: string
  /** When the token ends, in milliseconds since 1970. */
  readonly expiresAt: number
}

export interface TokenVerifier extends Disposable {
  /**
   * The user of an access token. Throws `unauthenticated`, `token_expired`, or `unavailable` when
   * no key was ever fetched.
   */
  verify(token: string): Promise<Actor>
  /** The most that the issuer's clock was ahead of ours, in milliseconds. */
  readonly mostAheadMs: number
}

export interface TokenVerifierOptions {
  /** Where the keys are: a URL, or a function for the service that owns them. */
  jwks: string | (() => Promise<JSONWebKeySet>)
  issuer: string
  audience: string
  log: Logger
  /** Shortest time between fetches for an unknown key id, in milliseconds; 5000 when not said. */
  askAgainAfterMs?: number
  /** Milliseconds between refreshes; 20,000 when not said. A removed key invalidates its tokens. */
  refreshEveryMs?: number
}

const remembered = 10_000
/**
 * Tokens live 15 minutes. One that claims more was forged with a stolen key: its socket ends soon.
 */
const longestLifeMs = 16 * 60_000
const clockToleranceSeconds = 5

/**
 * Verifies access tokens (JWT profile of RFC 9068: `typ: at+jwt`, EdDSA or ES256) with the issuer's
 * cached keys. A token seen before costs a hash and a look-up.
 */
export function createTokenVerifier({
  jwks,
  issuer,
  audience,
  log,
  askAgainAfterMs = 5000,
  refreshEveryMs = 20_000,
}: TokenVerifierOptions): TokenVerifier {
  const clock = createIssuerClock()
  const fetchSet =
    typeof jwks === 'string' ? (ending: AbortSignal) => fetchKeys(jwks, { clock, ending }) : jwks
  const seen = new Map<string, Actor>()
  let keysGone = 0
  const keys = createKeySet({
    fetchKeys: fetchSet,
    log,
    askAgainAfterMs,
    refreshEveryMs,
    onKeyGone() {
      keysGone += 1
      seen.clear()
    },
  })
  return {
    async verify(token) {
      const digest = hash('sha256', token, 'base64')
      const known = seen.get(digest)
      if (known) {
        if (known.expiresAt + clockToleranceSeconds * 1000 > Date.now() + clock.aheadMs)
          return byOurClock(known, clock)
        seen.delete(digest)
        throw new AppError('token_expired')
      }
      const goneBefore = keysGone
      const payload = await verifyWith(keys, token, {
        issuer,
        audience,
        currentDate: new Date(Date.now() + clock.aheadMs),
      })
      const actor = toActor(payload, clock)
      if (keysGone === goneBefore) remember(seen, digest, actor)
      return byOurClock(actor, clock)
    },
    get mostAheadMs() {
      return clock.mostAheadMs
    },
    [Symbol.dispose]: () => keys[Symbol.dispose](),
  }
}

function remember(seen: Map<string, Actor>, digest: string, actor: Actor): void {
  seen.set(digest, actor)
  if (seen.size <= remembered) return
  const oldest = seen.keys().next().value
  if (oldest !== undefined) seen.delete(oldest)
}

async function verifyWith(
  keys: KeySet,
  token: string,
  expected: { issuer: string; audience: string; currentDate: Date },
): Promise<JWTPayload> {
  const check = async () => {
    const options = {
      ...expected,
      typ: 'at+jwt',
      algorithms: ['EdDSA', 'Ed25519', 'ES256'],
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ['sub', 'sid', 'exp'],
    }
    return (await jwtVerify(token, keys.resolve, options)).payload
  }
  try {
    return await check()
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey && (await keys.refresh())) return check().catch(refuse)
    return refuse(error)
  }
}

function refuse(error: unknown): never {
  if (error instanceof AppError) throw error
  if (error instanceof errors.JWTExpired) throw new AppError('token_expired', { cause: error })
  throw new AppError('unauthenticated', { cause: error })
}

/** `expiresAt` by our clock. */
const byOurClock = (actor: Actor, { aheadMs }: IssuerClock): Actor =>
  aheadMs === 0 ? actor : { ...actor, expiresAt: actor.expiresAt - aheadMs }

/** `expiresAt` by the issuer's clock. */
function toActor({ sub, sid, exp }: JWTPayload, { aheadMs }: IssuerClock): Actor {
  if (typeof sub !== 'string' || typeof sid !== 'string' || typeof exp !== 'number')
    throw new AppError('unauthenticated')
  return {
    userId: sub,
    sessionId: sid,
    expiresAt: Math.min(exp * 1000, Date.now() + aheadMs + longestLifeMs),
  }
}
