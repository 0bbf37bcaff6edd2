import { useCallback, useEffect, useRef } from 'react'

/**
 * Whether a screen is still there, for what takes time: who went elsewhere meanwhile is not taken
 * away from there.
 */
export function useIsThere(): () => boolean {
  const isThere = useRef(false)
  useEffect(() => {
    isThere.current = true
    return () => {
      isThere.current = false
    }
  }, [])
  return useCallback(() => isThere.current, [])
}
