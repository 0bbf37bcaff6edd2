import type { Actor } from './actors.ts'
import type { Scene } from './cases/fixture.ts'
import type { Environment } from './environment/environment.ts'
import { signInAgain } from './environment/person.ts'
import type { PrivateGroup } from './environment/private-group.ts'
import type { Outcome } from './expectations/vocabulary.ts'

/** Whether an outcome means that something was done. */
export const isDone = (outcome: Outcome) => typeof outcome === 'number' || outcome === 'ok'

/** Where an actor tries something once; what is expected to change a group gets one of its own. */
export function createFixture(
  world: Environment,
  actor: Actor,
  { changesClub }: { changesClub: boolean },
): Scene {
  const { people, url } = world
  const me = people[actor]
  const isSignedIn = !['anonymous', 'deleted', 'revoked'].includes(actor)
  let club: Promise<PrivateGroup> | undefined
  return {
    world,
    actor,
    me,
    someone: actor === 'owner' ? people.admin : people.owner,
    club({ isAsking = actor === 'invited' } = {}) {
      club ??= changesClub ? world.newClub({ isAsking }) : Promise.resolve(world.club)
      return club
    },
    async spare() {
      if (actor === 'deleted') return me
      const fresh = await world.newPerson()
      return isSignedIn ? fresh : { ...fresh, token: me.token }
    },
    spareSession: async () => (isSignedIn ? signInAgain(url, me) : me),
  }
}
