import type { attachmentCases } from '../cases/attachments.ts'
import type { Expectations } from './expectations.ts'
import { anyone, everybody, insiders, nobody } from './outcomes.ts'

/**
 * Files: `own` was uploaded by the actor, `shared` stands in a message of the group, `others`
 * somebody uploaded and did not send, `hidden` stands in a conversation that nobody here takes part
 * in.
 */
export const attachmentExpectations: Expectations<typeof attachmentCases> = {
  describeUploads: { own: everybody(204) },
  createUpload: { own: anyone(201) },
  headUpload: { own: anyone(200), others: nobody, missing: nobody },
  patchUpload: { own: anyone(204), others: nobody, missing: nobody },
  deleteUpload: { own: anyone(204), others: nobody, missing: nobody },
  getAttachment: { own: anyone(200), shared: insiders(200), others: nobody, hidden: nobody, missing: nobody },
  getAttachmentInfo: {
    own: anyone(200),
    shared: insiders(200),
    others: nobody,
    hidden: nobody,
    missing: nobody,
  },
  getThumbnail: { own: anyone(200), shared: insiders(200), others: nobody, hidden: nobody, missing: nobody },
}
