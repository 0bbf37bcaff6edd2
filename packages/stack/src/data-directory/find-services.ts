import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StackConfig } from '../config.ts'
import { StartFailure } from '../start-failure.ts'
import { readOwner, type ServicePlaces } from './lock-data-directory.ts'
import { readSecrets } from './prepare-data-directory.ts'

export interface FoundServices {
  places: ServicePlaces
  internalToken: string
}

/** Where the services answer, and the token that they ask of each other: of the stack in `home`, or as the environment says. Throws a `StartFailure` that says what is missing. */
export async function findServices({ home, environment }: StackConfig): Promise<FoundServices> {
  const { USERS_URL, MESSAGES_URL, REALTIME_URL, INTERNAL_TOKEN } = environment
  if (USERS_URL && MESSAGES_URL && REALTIME_URL && INTERNAL_TOKEN) {
    const places = { users: USERS_URL, messages: MESSAGES_URL, realtime: REALTIME_URL }
    return { places, internalToken: INTERNAL_TOKEN }
  }
  if (!(await readFile(join(home, 'secrets.json')).catch(() => undefined))) {
    throw new StartFailure(
      `${home} holds no Finnigram: set FINNIGRAM_HOME to its folder, or USERS_URL, MESSAGES_URL, REALTIME_URL and INTERNAL_TOKEN.`,
    )
  }
  const places = (await readOwner(home))?.services
  if (!places)
    throw new StartFailure(`The Finnigram in ${home} does not run: start it first, with \`npm start\`./`)
  return { places, internalToken: (await readSecrets(home)).internalToken }
}
