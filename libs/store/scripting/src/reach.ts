// What EVAL, FCALL and their like must have locked before they start.
import { EVERYTHING, type Command, type Unit } from '@larder/store-dispatch';
import type { Args } from '@larder/store-resp';

/**
 * A script is believed to touch no more than the keys it declares; one that was seen to reach for others, or that declares
 * none, runs alone from the start.
 */
export function reachOfScript({ dispatcher }: Unit, command: Command, args: Args): number {
  const name = nameOf(command, args);
  dispatcher.scriptName = name;
  if (name !== '' && dispatcher.roamers.has(name)) return EVERYTHING;
  const mask = dispatcher.shardsOf(command, args);
  return mask === 0 ? EVERYTHING : mask;
}

/** What a script or function is remembered by; '' for one that is not. */
function nameOf(command: Command, args: Args): string {
  if (command.name.startsWith('evalsha')) return args.text(1);
  return command.name.startsWith('fcall') ? `function ${args.text(1)}` : '';
}
