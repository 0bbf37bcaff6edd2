/** Props that make a real link, opened apart from the app and without telling where from. */
export const openLink = (href: string) => ({
  href,
  hrefAttrs: { target: '_blank', rel: 'noopener noreferrer nofollow' },
})
