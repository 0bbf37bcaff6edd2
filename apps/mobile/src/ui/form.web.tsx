import { useMemo, useRef } from 'react'
import type { FormProps } from './form.tsx'
import { FormContext } from './form-context.ts'

/** A real `<form>`, so that Enter submits and password managers notice. */
export function Form({ label, onSubmit, children }: FormProps) {
  const form = useRef<HTMLFormElement>(null)
  const actions = useMemo(() => ({ submit: () => form.current?.requestSubmit() }), [])
  return (
    <FormContext value={actions}>
      <form
        ref={form}
        aria-label={label}
        method="post"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          onSubmit()
        }}
      >
        {children}
        {/** Browsers submit on Enter only if there is a submit button. */}
        <input type="submit" hidden tabIndex={-1} aria-hidden="true" />
      </form>
    </FormContext>
  )
}
