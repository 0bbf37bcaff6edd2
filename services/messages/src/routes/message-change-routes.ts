import { messagesApi as api } from '@finnigram/contracts'
import { type Route, route } from '@finnigram/service-kit'
import { addReaction } from '../changes/add-reaction.ts'
import { deleteMessage } from '../changes/delete-message.ts'
import { editMessage } from '../changes/edit-message.ts'
import { removeReaction } from '../changes/remove-reaction.ts'
import type { MessagesContext } from '../context.ts'
import { messageChangeLimit, readLimit } from '../limits.ts'
import { listPins } from '../pins/list-pins.ts'
import { pinMessage } from '../pins/pin-message.ts'
import { unpinMessage } from '../pins/unpin-message.ts'
import { listStars } from '../stars/list-stars.ts'
import { starMessage } from '../stars/star-message.ts'
import { unstarMessage } from '../stars/unstar-message.ts'

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
