import type { UsersContext } from '../context.ts'
import { commitFacts } from '../transaction-with-outbox.ts'
import type { Caller } from './caller.ts'
import { type Proof, stepUp } from './step-up.ts'

/** Lets the caller's session count as signed in just now (`requireRecentSignIn`). Throws what `stepUp` throws. */
export async function reauthenticate(ctx: UsersContext, caller: Caller, proof: Proof): Promise<void> {
  const confirm = await stepUp(ctx, caller, proof)
  await commitFacts(ctx, (tx, _tell, { note }) => confirm(tx, note))
}
