import { messagesApi as api } from '@finnigram/contracts'
import { type Route, route } from '@finnigram/service-kit'
import { addReaction } from '../edits/reactions.ts'
import { deleteMessage } from '../edits/delete-message.ts'
import { editMessage } from '../edits/edit-message.ts'
import { removeReaction } from '../edits/remove-reaction.ts'
import type { MessagesContext } from '../context.ts'
import { messageChangeLimit, readLimit } from '../limits.ts'
import { listPins } from '../edits/list-pins.ts'
import { pinMessage } from '../edits/pins.ts'
import { unpinMessage } from '../edits/unpin-message.ts'
import { listStars } from '../edits/list-stars.ts'
import { starMessage } from '../edits/stars.ts'
import { unstarMessage } from '../edits/unstar-message.ts'

const changed = { limit: messageChangeLimit }

/** What becomes of messages afterwards. */
export const messageChangeRoutes = (ctx: MessagesContext): Route[] => [
  route(
    api.editMessage,
    ({ actor, params, body }) => editMessage(ctx, actor, { ...params, ...body }),
    changed,
  ),
  route(api.deleteMessage, ({ actor, params }) => deleteMessage(ctx, actor, params.messageId), changed),
  route(api.addReaction, ({ actor, params }) => addReaction(ctx, actor, params), changed),
  route(api.removeReaction, ({ actor, params }) => removeReaction(ctx, actor, params), changed),
  route(api.pinMessage, ({ actor, params }) => pinMessage(ctx, actor, params.messageId), changed),
  route(api.unpinMessage, ({ actor, params }) => unpinMessage(ctx, actor, params.messageId), changed),
  route(api.listPins, ({ actor, params, query }) => listPins(ctx, actor, { ...params, ...query }), {
    limit: readLimit,
  }),
  route(api.starMessage, ({ actor, params }) => starMessage(ctx, actor, params.messageId), changed),
  route(api.unstarMessage, ({ actor, params }) => unstarMessage(ctx, actor, params.messageId), changed),
  route(api.listStars, ({ actor, query }) => listStars(ctx, actor, query), { limit: readLimit }),
]
