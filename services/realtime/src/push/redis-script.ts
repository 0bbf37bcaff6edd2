import type { RedisLink } from '@finnigram/service-kit'

/** A Lua script that runs as one step in Redis. Its keys come first. */
export type Script = (...values: (string | number)[]) => Promise<unknown>

/** Makes a script known to a connection. Every script is, before the first command: one that is not yet would break a pipeline that is already open. */
export function defineScript(
  { commands }: RedisLink,
  name: string,
  { keys, lua }: { keys: number; lua: string },
): Script {
  commands.defineCommand(name, { numberOfKeys: keys, lua })
  const command = Reflect.get(commands, name) as Script
  return (...values) => command.apply(commands, values)
}
