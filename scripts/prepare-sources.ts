import { generateClients } from '../packages/stack/src/services/generate-clients.ts'

/**
 * Generates the sources that are not in the repository, without which nothing type-checks or runs.
 */
export async function prepareSources(): Promise<void> {
  await generateClients({ environment: process.env })
}
