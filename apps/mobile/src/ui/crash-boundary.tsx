import { Component, type ReactNode } from 'react'
import { EmptyState } from './empty-state.tsx'

type CrashBoundaryProps = { title: string; body: string; children: ReactNode }

/** Shows a sentence in place of a screen that broke. */
export class CrashBoundary extends Component<CrashBoundaryProps, { broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError() {
    return { broken: true }
  }

  override render() {
    const { title, body, children } = this.props
    return this.state.broken ? <EmptyState icon="alert" title={title} body={body} /> : children
  }
}
