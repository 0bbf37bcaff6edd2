import type { UsersContext } from '../context.ts'
import { queueMails } from '../mail/mail-queue.ts'

/**
 * Queues the mail that sets a new password. Whether anyone has the address is looked up when the mail is made, a moment
 * later and out of the caller's sight: for known and unknown addresses this does the same, one insert.
 */
export async function forgotPassword(
  { pool, sealer, metrics }: Pick<UsersContext, 'pool' | 'sealer' | 'metrics'>,
  { ip }: { ip: string },
  email: string,
): Promise<void> {
  await queueMails(pool, { sealer, metrics }, [{ kind: 'reset_password', email, ip }])
}
