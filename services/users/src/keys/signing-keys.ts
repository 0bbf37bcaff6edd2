import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import { z } from 'zod'

export interface SigningKey {
  readonly kid: string
  /** As published in the JWKS. */
  readonly publicJwk: JWK
  readonly privateKey: CryptoKey
  /** Verifiers have had the time to fetch it from then on. */
  readonly activeFrom: Date
}

/** A key as stored. */
export interface SigningKeyRow {
  kid: string
  publicJwk: JWK
  privateJwk: JWK
  activeFrom: Date
}

const algorithm = 'EdDSA'
const Okp = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string() })
const PrivateOkp = Okp.extend({ d: z.string() })

/** A new Ed25519 key (RFC 8037), named by its thumbprint (RFC 7638). */
export async function generateSigningKey(activeFrom: Date): Promise<SigningKeyRow> {
  const { privateKey } = await generateKeyPair(algorithm, { crv: 'Ed25519', extractable: true })
  const privateJwk = PrivateOkp.parse(await exportJWK(privateKey))
  const publicJwk = Okp.parse(privateJwk)
  const kid = await calculateJwkThumbprint(publicJwk)
  return { kid, publicJwk: { ...publicJwk, kid, alg: algorithm, use: 'sig' }, privateJwk, activeFrom }
}

export async function toSigningKey({
  kid,
  publicJwk,
  privateJwk,
  activeFrom,
}: SigningKeyRow): Promise<SigningKey> {
  const privateKey = await importJWK(privateJwk, algorithm)
  if (privateKey instanceof Uint8Array) throw new Error(`The signing key ${kid} is not an Ed25519 key`)
  return { kid, publicJwk, privateKey, activeFrom }
}
