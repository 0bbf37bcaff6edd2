/**
 * For the app's pages. Styles are allowed inline because react-native-web writes its style sheet at run time; scripts
 * are not. Its own host's `ws:` and `wss:` are named since not every browser counts them under 'self'.
 */
const policyFor = (hosts: readonly string[]) =>
  [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self' data: blob:",
    "font-src 'self' data:",
    ["connect-src 'self'", ...hosts.flatMap((host) => [`ws://${host}`, `wss://${host}`])].join(' '),
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')

/** What a policy can name: neither addresses of IPv6 nor anything that would end the line. */
const nameable = /^[a-z0-9.-]+(:\d{1,5})?$/i
/** Hosts by which people reach a server; others are worked out each time. */
const mostHosts = 100

/** The policy for pages asked for at a host, which may open sockets to that host and the public one alone. */
export function createPolicies(publicUrl: string | undefined): (host: string | undefined) => string {
  const ours = publicUrl === undefined ? [] : [new URL(publicUrl).host]
  const known = new Map<string, string>()
  return (host = '') => {
    const there = known.get(host)
    if (there !== undefined) return there
    const policy = policyFor([...new Set([...ours, host])].filter((name) => nameable.test(name)))
    if (known.size < mostHosts) known.set(host, policy)
    return policy
  }
}

/** Headers of every page and file the gateway itself serves. */
export function securityHeaders(isHttps: boolean): Record<string, string> {
  return {
    'content-security-policy': policyFor([]),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'permissions-policy': 'camera=(self), microphone=(self), geolocation=(), payment=()',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    ...(isHttps ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  }
}
