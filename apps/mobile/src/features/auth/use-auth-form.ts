import { useCallback, useRef, useState } from 'react'
import type { TextInput } from 'react-native'
import type { PlainText } from '../../i18n/en.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { problemMessage } from '../../providers/problem-messages.ts'
import {
  type AuthErrors,
  type AuthField,
  type AuthValues,
  authFields,
  errorsFromServer,
} from './auth-errors.ts'

const empty: AuthValues = { username: '', displayName: '', email: '', password: '', code: '' }
type AuthFormInput = {
  check: (values: AuthValues) => AuthErrors
  send: (values: AuthValues) => Promise<unknown>
}

/**
 * State of an account form: values, errors, whether it is being sent. The first field with an error
 * gets the focus.
 */
export function useAuthForm({ check, send }: AuthFormInput) {
  const { t } = useI18n()
  const [values, setValues] = useState<AuthValues>(empty)
  const [errors, setErrors] = useState<AuthErrors>({})
  const [problem, setProblem] = useState<PlainText | null>(null)
  const [busy, setBusy] = useState(false)
  const inputs = useRef<Partial<Record<AuthField, TextInput | null>>>({})

  const showErrors = useCallback((found: AuthErrors) => {
    setErrors(found)
    const first = authFields.find((field) => found[field] !== undefined)
    if (first !== undefined) inputs.current[first]?.focus()
  }, [])

  const submit = useCallback(async () => {
    if (busy) return
    setProblem(null)
    const found = check(values)
    showErrors(found)
    if (Object.keys(found).length > 0) return
    setBusy(true)
    try {
      await send(values)
    } catch (error) {
      const byField = errorsFromServer(error)
      if (Object.keys(byField).length === 0) setProblem(problemMessage(error))
      showErrors(byField)
    } finally {
      setBusy(false)
    }
  }, [busy, check, send, values, showErrors])

  const field = (name: AuthField) => {
    const error = errors[name]
    return {
      value: values[name],
      error: error === undefined ? undefined : typeof error === 'string' ? t(error) : error.message,
      onChangeText: (text: string) => {
        setValues((before) => ({ ...before, [name]: text }))
        setErrors(({ [name]: _corrected, ...rest }) => rest)
      },
      ref: (input: TextInput | null) => {
        inputs.current[name] = input
      },
    }
  }
  return { field, submit, busy, problem }
}
