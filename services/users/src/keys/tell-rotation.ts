import type { Rotation } from './rotate-keys.ts'

/** What a rotation did, for the person who asked for it. */
export function tellRotation({ kid, activeFrom, wasWaiting, kept, removed }: Rotation): string {
  const time = `${activeFrom.toISOString().slice(0, 19).replace('T', ' ')} UTC`
  if (removed.length > 0) {
    return `The new key ${kid} signs access tokens now.
Removed: ${removed.join(', ')}. Access tokens they signed are refused by every service within half a minute;
people stay signed in, as their devices refresh by themselves.
`
  }
  const present =
    kept.length > 0 ? `\nUntil the last token it signed has ended, this stays: ${kept.join(', ')}.` : ''
  return wasWaiting
    ? `A new key waits already: ${kid} signs access tokens from ${time} on. Nothing was changed.${present}\n`
    : `The new key ${kid} is published now, and signs access tokens from ${time} on.${present}\n`
}
