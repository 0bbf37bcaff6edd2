import { attachmentCases } from '../cases/attachments.ts'
import { authCases } from '../cases/auth.ts'
import { conversationCases } from '../cases/conversations.ts'
import type { Things } from '../cases/fixture.ts'
import { messageCases } from '../cases/messages.ts'
import { pushCases } from '../cases/push.ts'
import { userCases } from '../cases/users.ts'
import type { RouteName } from '../route-names.ts'
import { attachmentExpectations } from './attachments.ts'
import { authExpectations } from './auth.ts'
import { conversationExpectations } from './conversations.ts'
import { messageExpectations } from './messages.ts'
import type { Cells } from './outcomes.ts'
import { pushExpectations } from './push.ts'
import { userExpectations } from './users.ts'

/** How every route is tried: a new route does not compile until it has its cases. */
export const routeCases = {
  ...authCases,
  ...userCases,
  ...conversationCases,
  ...messageCases,
  ...attachmentCases,
  ...pushCases,
} satisfies Record<RouteName, Things>

/** What every actor gets from every route: a new route does not compile until it has its row. */
export const routeExpectations = {
  ...authExpectations,
  ...userExpectations,
  ...conversationExpectations,
  ...messageExpectations,
  ...attachmentExpectations,
  ...pushExpectations,
} satisfies Record<RouteName, Record<string, Cells>>
