import { useCallback, useEffect, useState } from 'react'

const flashMs = 1200

/** The one message that is lit for a moment after it was jumped to. */
export function useFlash(): [id: string | null, flash: (id: string) => void] {
  const [id, setId] = useState<string | null>(null)
  useEffect(() => {
    if (id === null) return
    const timer = setTimeout(() => setId(null), flashMs)
    return () => clearTimeout(timer)
  }, [id])
  return [id, useCallback((next: string) => setId(next), [])]
}
