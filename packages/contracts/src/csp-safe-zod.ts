import { z } from 'zod'

// Zod tries out `new Function` when the first object schema is made; a browser under a policy
// without unsafe-eval reports that as a violation, although nothing fails. Servers keep the speed
// it gives.
if ('document' in globalThis) z.config({ jitless: true })
