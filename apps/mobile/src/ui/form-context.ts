import { createContext, useContext } from 'react'

type FormActions = {
  submit: () => void
  /** What the keyboard's Enter does in a last field; absent where the platform submits the form by itself. */
  onEnter?: () => void
}

export const FormContext = createContext<FormActions>({ submit: () => {} })
export const useForm = () => useContext(FormContext)
