import { freePort } from '@finnigram/stack'
import { type Disturbance, type LinkName, linkNames } from './cluster.ts'
import { tellsCommit } from './link/pass-bytes.ts'
import { type StartedLink, startLink } from './link/start-link.ts'
import { serveParent } from './remote/serve-parent.ts'

/**
 * The process of all links: what passes over them costs neither the devices' process nor the
 * gateway's any time.
 */
const links = new Map<LinkName, StartedLink>()

const isPostgres = (name: LinkName) => name === 'users-postgres' || name === 'messages-postgres'

const linkOf = (name: LinkName) => {
  const link = links.get(name)
  if (!link) throw new Error(`The link ${name} is not open`)
  return link
}

const methods = {
  async open(): Promise<Record<LinkName, number>> {
    for (const name of linkNames) {
      const port = await freePort()
      links.set(name, await startLink({ port, ...(isPostgres(name) ? { isOutcome: tellsCommit } : {}) }))
    }
    return Object.fromEntries([...links].map(([name, { port }]) => [name, port])) as Record<LinkName, number>
  },
  aim: (name: LinkName, port: number) => linkOf(name).aim(port),
  disturb: (name: LinkName, disturbance: Disturbance) => linkOf(name).disturb(disturbance),
  cut: (name: LinkName) => linkOf(name).cut(),
}
export type LinkMethods = typeof methods

serveParent(methods, async () => {
  await Promise.all([...links.values()].map((link) => link[Symbol.asyncDispose]()))
})
