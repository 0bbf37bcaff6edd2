import type { Sealer } from '../keys/sealer.ts'

const purpose = (userId: string) => `totp ${userId}`

export const sealTotpSecret = (sealer: Sealer, userId: string, secret: Uint8Array) =>
  sealer.seal(purpose(userId), secret)

export const openTotpSecret = (sealer: Sealer, userId: string, sealed: Uint8Array) =>
  sealer.open(purpose(userId), sealed)
