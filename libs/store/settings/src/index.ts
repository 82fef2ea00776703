/** The settings contract: what can be set, how it is read from file, command line and CONFIG, and how it is written back. */

export { quoteArgument, splitArguments } from './argument-text';
export { byteText, lowerAscii, toUtf8 } from './byte-text';
export { parseArguments } from './command-line';
export type { CommandLine } from './command-line';
export { COMPATIBLE_REDIS_VERSION, USAGE, versionLine } from './compatibility';
export { assembleConfig, cannotOpenConfig, isIncludePattern, loadConfig, parseConfigFile } from './config-file';
export type { ConfigFailure, ConfigLoaded, ConfigPorts, Directives, IncludeRead, SentinelLine } from './config-file';
export { rewriteConfig } from './rewrite';
export type { RewriteExtra, RewriteOptions } from './rewrite';
export type { Access, ChoiceRow, FlagRow, NumberRow, SettingRow, StructuredRow, TextRow, WordsRow } from './row';
export { Settings } from './settings';
export type { Cell, SetContext, SettingListener, SettingsOptions } from './settings';
export type { OutputClass, OutputLimit, OutputLimits, PrimaryAddress, SavePoint } from './structured';
export { ABSENT_SETTINGS, FILE_DIRECTIVES, RETIRED_DIRECTIVES, settingRows } from './table';
export type { FlagName, NumberName, SettingName, StructuredName, StructuredValue, TextName } from './table';
export { bytesToHuman, formatMemory, parseMemory } from './units';
