import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Target } from './target.ts'

/** Stands last: nothing of what was secret in all that was tried before stands in a log. */
export function testLogs(target: () => Target): void {
  test('no password and no token stands in a log (ASVS 16.2.5, ASVS 14.2.1)', async () => {
    const { home, secrets } = target()
    const folder = join(home, 'logs')
    const names = await readdir(folder)
    expect(names.length).toBeGreaterThan(3)
    for (const name of names) {
      const text = await readFile(join(folder, name), 'utf8')
      const told = [...secrets, ...(await ownSecrets(home))].filter((secret) => text.includes(secret))
      expect({ name, told }).toEqual({ name, told: [] })
      expect(text).not.toMatch(/eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/)
    }
  })

  test('each line of a service’s log is one JSON object, whatever was sent (ASVS 16.4.1)', async () => {
    const folder = join(target().home, 'logs')
    for (const name of await readdir(folder)) {
      if (!/^(users|messages|realtime)/.test(name)) continue
      const lines = (await readFile(join(folder, name), 'utf8')).trim().split('\n')
      const odd = lines.filter((line) => !/^\{"time":".*\}$/.test(line) && !/^\(/.test(line))
      expect({ name, odd }).toEqual({ name, odd: [] })
    }
  })
}

/** What this installation alone knows. */
async function ownSecrets(home: string): Promise<string[]> {
  return Object.values(
    JSON.parse(await readFile(join(home, 'secrets.json'), 'utf8')) as Record<string, string>,
  )
}
