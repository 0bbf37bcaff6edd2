interface Target {
  /** SHA-256 of the token or the endpoint. */
  targetKey: Uint8Array
  updatedAt: Date
}

/** Names a device's target as it was set then: set anew, even with the same token, it has another name. */
export const toTargetKey = ({ targetKey, updatedAt }: Target): string =>
  `${Buffer.from(targetKey).toString('base64url')}.${updatedAt.getTime()}`

/** Undefined for what is no such name. */
export function readTargetKey(name: string): Target | undefined {
  const [, key, at] = /^([\w-]{43})\.(\d{1,15})$/.exec(name) ?? []
  if (key === undefined || at === undefined) return undefined
  return { targetKey: Buffer.from(key, 'base64url'), updatedAt: new Date(Number(at)) }
}
