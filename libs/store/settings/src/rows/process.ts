/** The process itself: logging, title, signals, access to dangerous commands, diagnostics. */

import { LIMITS, choice, flag, number, plain, structured, text, words } from '../row';
import { INITIAL_OOM_SCORES, INITIAL_PERCENTILES, directory, oomScores, percentiles } from '../structured';

const { INT_MAX, LONG_MAX } = LIMITS;
const IMMUTABLE = { access: 'immutable' } as const;
const SHUTDOWN_WORDS = ['default', 'save', 'nosave', 'now', 'force'] as const;
const PROTECTED_WORDS = ['no', 'yes', 'local'] as const;

export const processRows = [
  flag('daemonize', false, 'Leave the terminal and run in the background', IMMUTABLE),
  choice('supervised', 'no', ['upstart', 'systemd', 'auto', 'no'], 'Which supervisor to tell about readiness', IMMUTABLE),
  text('pidfile', '', 'File to write the process id into', IMMUTABLE),
  structured('dir', '', directory, 'Working directory; data files live here', { access: 'protected', isDeniedWhileLoading: true }),
  choice('loglevel', 'notice', ['debug', 'verbose', 'notice', 'warning'], 'Least severe message that is logged'),
  text('logfile', '', 'Log file; empty means standard output', { ...IMMUTABLE, keepsEmpty: true }),
  flag('syslog-enabled', false, 'Log to syslog as well', IMMUTABLE),
  text('syslog-ident', 'redis', 'Name in syslog', { ...IMMUTABLE, keepsEmpty: true }),
  choice('syslog-facility', 'local0', ['user', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'], 'Facility in syslog', IMMUTABLE),
  flag('always-show-logo', false, 'Show the logo even when not on a terminal', IMMUTABLE),
  flag('set-proc-title', true, 'Set the process title', IMMUTABLE),
  text('proc-title-template', '{title} {listen-addr} {server-mode}', 'What the process title shows', { keepsEmpty: true, refuse: refuseTitleTemplate }),
  text('locale-collate', '', 'Locale that string comparison in SORT and Lua follows', { keepsEmpty: true, isHidden: true, since: '7.2' }),
  flag('lua-enable-deprecated-api', false, 'Accepted for compatibility: setfenv, getfenv and newproxy are never there', { ...IMMUTABLE, isHidden: true }),
  number('databases', 16, plain(1, INT_MAX), 'Databases that SELECT may choose from', IMMUTABLE),
  number('hz', 10, plain(0, INT_MAX), 'Background rounds a second', { clamp: { min: 1n, max: 500n, isForFilesToo: true } }),
  flag('dynamic-hz', true, 'More background rounds with more clients'),
  words('shutdown-on-sigint', 'default', SHUTDOWN_WORDS, 'What SIGINT does', { refuse: refuseShutdownWords }),
  words('shutdown-on-sigterm', 'default', SHUTDOWN_WORDS, 'What SIGTERM does', { refuse: refuseShutdownWords }),
  number('shutdown-timeout', 10, plain(0, INT_MAX), 'Seconds that a shutdown waits for lagging replicas'),
  choice('enable-protected-configs', 'no', PROTECTED_WORDS, 'Who may set protected settings', IMMUTABLE),
  choice('enable-debug-command', 'no', PROTECTED_WORDS, 'Who may use DEBUG', IMMUTABLE),
  choice('enable-module-command', 'no', PROTECTED_WORDS, 'Who may use MODULE', IMMUTABLE),
  flag('crash-log-enabled', true, 'Write a report when crashing'),
  flag('crash-memcheck-enabled', true, 'Check memory when crashing'),
  flag('use-exit-on-panic', false, 'Exit instead of aborting on a failed assertion', { isHidden: true }),
  flag('disable-thp', true, 'Turn transparent huge pages off for this process', IMMUTABLE),
  choice('oom-score-adj', 'no', ['no', 'yes', 'relative', 'absolute'], "Whether to set the kernel's out-of-memory score", { sameAs: { relative: 'yes' } }),
  structured('oom-score-adj-values', INITIAL_OOM_SCORES, oomScores, 'Out-of-memory scores of primary, replica, child'),
  text('server_cpulist', '', 'Processors of the main thread', IMMUTABLE),
  text('bio_cpulist', '', 'Processors of background threads', IMMUTABLE),
  text('aof_rewrite_cpulist', '', 'Processors of an AOF rewrite', IMMUTABLE),
  text('bgsave_cpulist', '', 'Processors of a background save', IMMUTABLE),
  text('ignore-warnings', '', 'Start-up warnings that need not stop the start', { keepsEmpty: true }),

  text('aclfile', '', 'File with users and their rights', { ...IMMUTABLE, keepsEmpty: true }),
  text('requirepass', '', 'Password of the default user', { isSensitive: true, isBinary: true }),
  choice('acl-pubsub-default', 'resetchannels', ['allchannels', 'resetchannels'], 'Channels that a new user may use'),
  number('acllog-max-len', 128, plain(0, LONG_MAX), 'Entries kept in ACL LOG'),

  number('slowlog-log-slower-than', 10000, plain(-1, LONG_MAX), 'Microseconds after which a command is logged as slow; -1 never'),
  number('slowlog-max-len', 128, plain(0, LONG_MAX), 'Entries kept in SLOWLOG'),
  number('latency-monitor-threshold', 0, plain(0, LONG_MAX), 'Milliseconds after which LATENCY records an event; 0 off'),
  flag('latency-tracking', true, 'Keep a latency histogram per command'),
  structured('latency-tracking-info-percentiles', INITIAL_PERCENTILES, percentiles, 'Percentiles that INFO latencystats shows'),
  number('busy-reply-threshold', 5000, plain(0, LONG_MAX), 'Milliseconds after which a running script makes others see BUSY', { alias: 'lua-time-limit' }),
  number('watchdog-period', 0, plain(0, INT_MAX), 'Milliseconds without an event-loop turn that are logged; 0 off', { isHidden: true }),
] as const;

function refuseShutdownWords(chosen: readonly string[]): string | undefined {
  const isContradiction = chosen.includes('save') && chosen.includes('nosave');
  return isContradiction ? "shutdown options SAVE and NOSAVE can't be used simultaneously" : undefined;
}

const TITLE_VARIABLES: Readonly<Record<string, string>> = {
  title: '',
  'listen-addr': '*:6379',
  'server-mode': '',
  'config-file': '-',
  port: '6379',
  'tls-port': '0',
  unixsocket: '',
};

/** A template must know all its variables and expand to something that is not blank. */
function refuseTitleTemplate(template: string): string | undefined {
  let hasUnknown = false;
  const expanded = template.replace(/\{\{|\{([^}]*)\}|\{/g, (found, name: string | undefined) => {
    if (found === '{{') return '{';
    const value = name === undefined ? undefined : TITLE_VARIABLES[name];
    hasUnknown ||= value === undefined;
    return value ?? '';
  });
  const isUsable = !hasUnknown && expanded.replaceAll(' ', '') !== '';
  return isUsable ? undefined : 'template format is invalid or contains unknown variables';
}
