import { type Actor, actors } from './actors.ts'
import type { Environment } from './environment/environment.ts'

/** Whoever takes part may know what the group says among itself. */
const insiders: readonly Actor[] = ['participant', 'admin', 'owner']

/** Calls whose very purpose is to show a group to who holds its invite. */
const showsGroup = new Set(['getInvite', 'getInviteAvatar', 'acceptInvite'])

/** Who was removed keeps their own words. */
const keepsOwnWords = ({ actor, name }: Asker) => actor === 'former' && name === 'exportMe'

interface Asker {
  actor: Actor
  name: string
  /** What was asked: who names a secret knows it. */
  asked: unknown
}

/** Every secret of `world` that stands in `text` and is none of `actor`'s business. */
export function findLeaks(world: Environment, text: string, asker: Asker): string[] {
  const mayKnowClub = insiders.includes(asker.actor) || showsGroup.has(asker.name)
  const known = keepsOwnWords(asker) ? world.wordsOfFormer : asker.actor === 'invited' ? [world.club.id] : []
  const secrets = [
    ...world.cellar.secrets(),
    ...(mayKnowClub ? [] : world.club.secrets().filter((secret) => !known.includes(secret))),
    ...actors.filter((other) => other !== asker.actor).map((other) => world.people[other].email),
    world.keeper.email,
  ]
  const asked = JSON.stringify(asker.asked ?? null)
  const told = asker.actor === 'invited' ? text.replaceAll(world.club.title, '') : text
  return secrets.filter((secret) => told.includes(secret) && !asked.includes(secret))
}
