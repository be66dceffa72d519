import {
  IconCalendarStats,
  IconHistory,
  IconLayoutDashboard,
  IconListCheck,
  IconRoute,
  IconSchema,
  IconSettings,
  IconStack2,
  IconStairsUp,
  IconTerminal2,
  IconUsers,
} from '@tabler/icons-react'

/** The views in the order of the activity bar, in groups. */
export const viewGroups = [
  [
    { path: '/overview', label: 'Overview', Icon: IconLayoutDashboard },
    { path: '/stack', label: 'Stack', Icon: IconStack2 },
  ],
  [
    { path: '/schema', label: 'Schema', Icon: IconSchema },
    { path: '/partitions', label: 'Partitions', Icon: IconCalendarStats },
    { path: '/migrations', label: 'Migrations', Icon: IconStairsUp },
    { path: '/activity', label: 'Sessions', Icon: IconUsers },
  ],
  [
    { path: '/pipelines', label: 'Pipelines', Icon: IconRoute },
    { path: '/verification', label: 'Verification', Icon: IconListCheck },
    { path: '/audit', label: 'Audit', Icon: IconHistory },
  ],
  [{ path: '/console', label: 'Console', Icon: IconTerminal2 }],
] as const

export const settingsView = { path: '/settings', label: 'Settings', Icon: IconSettings } as const

export const views = [...viewGroups.flat(), settingsView]
