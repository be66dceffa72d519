import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router'
import { Shell } from './shell/Shell.tsx'
import { Loading } from './ui/Loading.tsx'

type Search = Record<string, string | undefined>

// What a view keeps in the address is text by name; each view reads the names that it knows.
const validateSearch = (search: Record<string, unknown>): Search =>
  Object.fromEntries(
    Object.entries(search).map(([name, value]) => [name, value === undefined ? undefined : String(value)]),
  )

const root = createRootRoute({ component: Shell, validateSearch })

const index = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/overview' })
  },
})

const overview = createRoute({
  getParentRoute: () => root,
  path: '/overview',
  component: lazyRouteComponent(() => import('./overview/OverviewView.tsx'), 'OverviewView'),
})
const stack = createRoute({
  getParentRoute: () => root,
  path: '/stack',
  component: lazyRouteComponent(() => import('./stack/StackView.tsx'), 'StackView'),
})
const stackEdit = createRoute({
  getParentRoute: () => root,
  path: '/compose',
  component: lazyRouteComponent(() => import('./stack/EditView.tsx'), 'EditView'),
})
const schema = createRoute({
  getParentRoute: () => root,
  path: '/schema',
  component: lazyRouteComponent(() => import('./schema/SchemaView.tsx'), 'SchemaView'),
})
const activity = createRoute({
  getParentRoute: () => root,
  path: '/activity',
  component: lazyRouteComponent(() => import('./activity/ActivityView.tsx'), 'ActivityView'),
})
const partitions = createRoute({
  getParentRoute: () => root,
  path: '/partitions',
  component: lazyRouteComponent(() => import('./partitions/PartitionsView.tsx'), 'PartitionsView'),
})
const migrations = createRoute({
  getParentRoute: () => root,
  path: '/migrations',
  component: lazyRouteComponent(() => import('./migrations/MigrationsView.tsx'), 'MigrationsView'),
})
const pipelines = createRoute({
  getParentRoute: () => root,
  path: '/pipelines',
  component: lazyRouteComponent(() => import('./pipelines/PipelinesView.tsx'), 'PipelinesView'),
})
const verification = createRoute({
  getParentRoute: () => root,
  path: '/verification',
  component: lazyRouteComponent(() => import('./verification/VerificationView.tsx'), 'VerificationView'),
})
const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  component: lazyRouteComponent(() => import('./audit/AuditView.tsx'), 'AuditView'),
})
const console = createRoute({
  getParentRoute: () => root,
  path: '/console',
  component: lazyRouteComponent(() => import('./console/ConsoleView.tsx'), 'ConsoleView'),
})
const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('./settings/SettingsView.tsx'), 'SettingsView'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    index,
    overview,
    stack,
    stackEdit,
    schema,
    activity,
    partitions,
    migrations,
    pipelines,
    verification,
    audit,
    console,
    settings,
  ]),
  defaultPendingComponent: Loading,
  defaultPreload: 'intent',
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
