/** Whom push services may write to about what this server sends (RFC 8292): its own address where that is one of the web, for some services refuse any other. */
export const toSubject = (publicUrl: string | undefined): string =>
  publicUrl?.startsWith('https://') ? publicUrl : 'mailto:finnigram@example.com'
