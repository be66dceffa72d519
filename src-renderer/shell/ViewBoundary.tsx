import { Component, type ReactNode } from 'react'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'

/** Keeps a view that breaks from taking the window with it. */
export class ViewBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: undefined as unknown }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render() {
    if (this.state.error === undefined) return this.props.children
    return <ErrorNotice error={this.state.error} onRetry={() => this.setState({ error: undefined })} />
  }
}
