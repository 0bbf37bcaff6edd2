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

/** Every secret of `environment` that stands in `text` and is none of `actor`'s business. */
export function findLeaks(environment: Environment, text: string, asker: Asker): string[] {
  const mayKnowGroup = insiders.includes(asker.actor) || showsGroup.has(asker.name)
  const known = keepsOwnWords(asker)
    ? environment.wordsOfFormer
    : asker.actor === 'invited'
      ? [environment.group.id]
      : []
  const secrets = [
    ...environment.otherGroup.secrets(),
    ...(mayKnowGroup ? [] : environment.group.secrets().filter((secret) => !known.includes(secret))),
    ...actors.filter((other) => other !== asker.actor).map((other) => environment.people[other].email),
    environment.outsider.email,
  ]
  const asked = JSON.stringify(asker.asked ?? null)
  const told = asker.actor === 'invited' ? text.replaceAll(environment.group.title, '') : text
  return secrets.filter((secret) => told.includes(secret) && !asked.includes(secret))
}
