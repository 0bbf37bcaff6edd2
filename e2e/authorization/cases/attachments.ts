import { newId } from '@finnigram/contracts'
import type { Person } from '../environment/person.ts'
import { picture } from '../environment/picture.ts'
import { beginning, beginUpload, chunk, tus, upload } from '../environment/upload.ts'
import type { Asked, Scene, Things } from './fixture.ts'

const isSignedOut = ({ actor }: Scene) => actor === 'anonymous' || actor === 'deleted' || actor === 'revoked'

/** Whose the thing is: one's own has a plain name, that of others tells something. */
const ownOf = (scene: Scene): [Person, string] =>
  isSignedOut(scene) ? othersOf(scene) : [scene.me, 'mine.png']
const othersOf = ({ someone, world }: Scene): [Person, string] => [someone, `${world.club.canary}.png`]

/** An upload that has begun. */
const begun = ({ world }: Scene, [{ token }, name]: [Person, string]) =>
  beginUpload(world.url, { token, name })

/** A finished upload that stands in no message. */
const unsent = ({ world }: Scene, [{ token }, name]: [Person, string]) => upload(world.url, { token, name })

/** An upload of one's own, one of somebody else, none at all. */
const ofUpload = (rest: Asked) =>
  ({
    own: async (scene) => ({
      ...rest,
      params: { uploadId: await begun(scene, ownOf(scene)) },
    }),
    others: async (scene) => ({ ...rest, params: { uploadId: await begun(scene, othersOf(scene)) } }),
    missing: () => ({ ...rest, params: { uploadId: newId() } }),
  }) satisfies Things

const ofAttachment = {
  own: async (scene) => ({
    params: { attachmentId: await unsent(scene, ownOf(scene)) },
  }),
  shared: async ({ club }) => ({ params: { attachmentId: await (await club()).attachment() } }),
  others: async (scene) => ({ params: { attachmentId: await unsent(scene, othersOf(scene)) } }),
  hidden: async ({ world }) => ({ params: { attachmentId: await world.cellar.attachment() } }),
  missing: () => ({ params: { attachmentId: newId() } }),
} satisfies Things

/** What is asked of the routes of files. */
export const attachmentCases = {
  describeUploads: { own: () => ({ headers: tus }) },
  createUpload: { own: () => ({ headers: beginning('A picture.png') }) },
  headUpload: ofUpload({ headers: tus }),
  patchUpload: ofUpload({ headers: chunk(), bytes: picture.bytes }),
  deleteUpload: ofUpload({ headers: tus }),
  getAttachment: ofAttachment,
  getAttachmentInfo: ofAttachment,
  getThumbnail: ofAttachment,
} satisfies Record<string, Things>
