import type { Actor } from './actors.ts'
import type { Scene } from './cases/fixture.ts'
import type { Environment } from './environment/environment.ts'
import { signInAgain } from './environment/person.ts'
import type { PrivateGroup } from './environment/private-group.ts'
import type { Outcome } from './expectations/outcomes.ts'

/** Whether an outcome means that something was done. */
export const isDone = (outcome: Outcome) => typeof outcome === 'number' || outcome === 'ok'

/** Where an actor tries something once; what is expected to change a group gets one of its own. */
export function createFixture(
  environment: Environment,
  actor: Actor,
  { changesGroup }: { changesGroup: boolean },
): Scene {
  const { people, url } = environment
  const me = people[actor]
  const isSignedIn = !['anonymous', 'deleted', 'revoked'].includes(actor)
  let group: Promise<PrivateGroup> | undefined
  return {
    environment,
    actor,
    me,
    someone: actor === 'owner' ? people.admin : people.owner,
    group({ isAsking = actor === 'invited' } = {}) {
      group ??= changesGroup ? environment.createGroup({ isAsking }) : Promise.resolve(environment.group)
      return group
    },
    async spare() {
      if (actor === 'deleted') return me
      const fresh = await environment.newPerson()
      return isSignedIn ? fresh : { ...fresh, token: me.token }
    },
    spareSession: async () => (isSignedIn ? signInAgain(url, me) : me),
  }
}
