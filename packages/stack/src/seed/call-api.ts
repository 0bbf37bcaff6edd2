/** One JSON call to the public API; fails with the problem's code for an answer that is not among `accepted`. */
export async function callApi<T>(
  url: string,
  { body, token, accepted = [200, 201, 204] }: { body: object; token?: string; accepted?: number[] },
): Promise<{ status: number; body: T }> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  })
  const text = await answer.text()
  if (!accepted.includes(answer.status))
    throw new Error(`POST ${url} answered ${answer.status}: ${text.slice(0, 500)}`)
  return { status: answer.status, body: (text === '' ? {} : JSON.parse(text)) as T }
}
