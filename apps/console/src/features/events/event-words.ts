// Events in words: what each reason is called, and under which heading one looks for it.
export type EventTopic = 'ALL' | 'PRIMARY' | 'MEMBERS' | 'LINKS' | 'DATA' | 'SETTINGS';

interface Topic {
  readonly title: string;
  /** Undefined: all. */
  readonly reasons: readonly string[] | undefined;
}

export const topics: Readonly<Record<EventTopic, Topic>> = {
  ALL: { title: 'All', reasons: undefined },
  PRIMARY: { title: 'Primary', reasons: ['FailedOver', 'SwitchedOver', 'HandoverFailed', 'Promoted', 'Following', 'TopologyChanged'] },
  MEMBERS: {
    title: 'Members',
    reasons: [
      'StoreLost', 'StoreBack', 'SentinelLost', 'SentinelBack', 'Crashed', 'Started', 'Restarting', 'Adopted', 'Retired', 'Ready', 'Recovered', 'PortTaken', 'PortMoves', 'SpawnFailed',
      'ExitedAtStart', 'DiskFull', 'ProcessExited',
    ],
  },
  LINKS: { title: 'Links', reasons: ['LinkDown', 'LinkUp'] },
  DATA: {
    title: 'Data and backups',
    reasons: [
      'SaveFailed', 'SaveRecovered', 'AppendFailed', 'AppendRecovered', 'RewriteFailed', 'RewriteRecovered', 'BackupFailed', 'FinalBackup', 'FinalBackupFailed', 'SafetyBackup',
      'SafetyBackupFailed', 'RestoredInPlace', 'RestoreFailed', 'PersistenceChanged',
    ],
  },
  SETTINGS: { title: 'Settings', reasons: ['SettingsApplied', 'Canceled', 'CredentialsApplied', 'PreviousPasswordEnded'] },
};

/** What matters of several stores: changes of primary, who was lost, which link was cut. */
export const availabilityReasons: readonly string[] = [
  ...topics.PRIMARY.reasons!, ...topics.LINKS.reasons!, 'StoreLost', 'StoreBack', 'SentinelLost', 'SentinelBack', 'Crashed', 'Started', 'Retired',
];

/** `FailedOver` as "Failed over". */
export function reasonWords(reason: string): string {
  const words = reason.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function topicOf(reason: string): EventTopic {
  const found = (Object.keys(topics) as EventTopic[]).find((topic) => topics[topic].reasons?.includes(reason));
  return found ?? 'ALL';
}

/** Runs of one day, newest first, as they come. */
export function byDay<T extends { readonly lastAt: string }>(events: readonly T[], dayOf: (at: string) => string): { readonly day: string; readonly events: T[] }[] {
  const days: { day: string; events: T[] }[] = [];
  for (const event of events) {
    const day = dayOf(event.lastAt);
    const last = days.at(-1);
    if (last?.day === day) last.events.push(event);
    else days.push({ day, events: [event] });
  }
  return days;
}
