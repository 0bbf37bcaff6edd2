import type { Actor } from '@finnigram/service-kit'

/** Who asks, and from where. A route's request is one. */
export interface Caller {
  readonly actor: Actor
  readonly ip: string
}
