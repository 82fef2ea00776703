export { decideAdmission } from './admission';
export type { StoreState } from './admission';
export type { RunLimits } from './lua-machine';
export { ScriptEngine } from './script-engine';
export type { EngineOptions, Script } from './script-engine';
export type { ScriptHost } from './script-host';
export { parseShebang } from './shebang';
export type { ScriptFlags, Shebang } from './shebang';
