import { chmod } from 'node:fs/promises'

/** Lets the user PostgreSQL runs as (never root) pass through the folder to its own. */
export async function openFolder(dir: string): Promise<void> {
  await chmod(dir, 0o755)
}
