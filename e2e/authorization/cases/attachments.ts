import { newId } from '@finnigram/contracts'
import type { Person } from '../environment/person.ts'
import { picture } from '../environment/picture.ts'
import { beginning, beginUpload, chunk, tus, upload } from '../environment/upload.ts'
import type { Asked, Scene, Things } from './fixture.ts'

const isSignedOut = ({ actor }: Scene) => actor === 'anonymous' || actor === 'deleted' || actor === 'revoked'

/** Whose the thing is: one's own has a plain name, that of others tells something. */
const ownOf = (fixture: Scene): [Person, string] =>
  isSignedOut(fixture) ? othersOf(fixture) : [fixture.me, 'mine.png']
const othersOf = ({ someone, environment }: Scene): [Person, string] => [
  someone,
  `${environment.group.canary}.png`,
]

/** An upload that has begun. */
const begun = ({ environment }: Scene, [{ token }, name]: [Person, string]) =>
  beginUpload(environment.url, { token, name })

/** A finished upload that stands in no message. */
const unsent = ({ environment }: Scene, [{ token }, name]: [Person, string]) =>
  upload(environment.url, { token, name })

/** An upload of one's own, one of somebody else, none at all. */
const ofUpload = (rest: Asked) =>
  ({
    own: async (fixture) => ({
      ...rest,
      params: { uploadId: await begun(fixture, ownOf(fixture)) },
    }),
    others: async (fixture) => ({ ...rest, params: { uploadId: await begun(fixture, othersOf(fixture)) } }),
    missing: () => ({ ...rest, params: { uploadId: newId() } }),
  }) satisfies Things

const ofAttachment = {
  own: async (fixture) => ({
    params: { attachmentId: await unsent(fixture, ownOf(fixture)) },
  }),
  shared: async ({ group }) => ({ params: { attachmentId: await (await group()).attachment() } }),
  others: async (fixture) => ({ params: { attachmentId: await unsent(fixture, othersOf(fixture)) } }),
  hidden: async ({ environment }) => ({
    params: { attachmentId: await environment.otherGroup.attachment() },
  }),
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
