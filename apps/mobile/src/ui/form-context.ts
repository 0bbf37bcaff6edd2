import { createContext, useContext } from 'react'

type FormActions = {
  submit: () => void
  /** Enter in the last field; unset where the platform submits the form itself. */
  onEnter?: () => void
}

export const FormContext = createContext<FormActions>({ submit: () => {} })
export const useForm = () => useContext(FormContext)
