/** Joins the scripting room to the server: what scripts must ask of users, memory, disk and other clients. */
import type { CommandRow } from '@larder/store-dispatch';
import { DISK_FAILS, HAS_MAXMEMORY, IS_BUSY, IS_READONLY_REPLICA, IS_STALE, MISCONF } from '@larder/store-dispatch';
import { FunctionEngine, ScriptEngine, scriptingCommands } from '@larder/store-scripting';
import type { LogLevel, StoreServer } from '@larder/store-server';
import { BUSY, BUSY_UNKILLABLE, NOT_BUSY } from '@larder/store-threads';
import luaImage from 'wasmoon-lua5.1/dist/liblua5.1.wasm';

const LEVELS: readonly LogLevel[] = ['debug', 'verbose', 'notice', 'warning'];

export function scriptRows(server: StoreServer): readonly CommandRow[] {
  const engine = new ScriptEngine({ loadLuaWasm: () => luaImage, clock: server.clock });
  /** A busy script of this thread keeps it from accepting. */
  let isDeaf = false;
  const slowAfter = server.settings.numberCell('busy-reply-threshold');
  server.scripts = engine;
  engine.onLoaded = (body) => server.crew?.tellScript(body);
  server.learnScript = (body) => engine.learn(body);
  const functions = new FunctionEngine(engine);
  functions.compresses = () => server.settings.flag('rdbcompression');
  server.functions = functions;
  return scriptingCommands({
    engine,
    functions,
    slowAfterMs: () => slowAfter.value,
    port: {
      state: () => {
        const { conditions } = server.dispatcher;
        return {
          isCluster: false,
          isStaleReplica: (conditions & IS_STALE) !== 0 && !server.isObeying,
          isReadonlyReplica: (conditions & IS_READONLY_REPLICA) !== 0 && !server.isObeying,
          persistenceFault: (conditions & DISK_FAILS) !== 0 ? MISCONF : undefined,
          lacksReplicas: false,
          allowsDenied: server.debug.allowsDenied,
          isOutOfMemory: (conditions & HAS_MAXMEMORY) !== 0 && !server.makeRoom(true),
        };
      },
      refusalFor: (session, command, args, isQuestion) => server.forbids(session, command, args, isQuestion ? 'question' : 'script'),
      log: (level, text) => server.log[LEVELS[level] ?? 'warning'](text),
      serveWhileBusy: () => {
        server.crew?.threads.gate.lookForExit();
        server.pollSockets();
      },
      isKillAsked: () => server.crew?.threads.isScriptKilled ?? false,
      busyChanged: (isBusy, hasWritten) => {
        if (server.crew !== null && isBusy !== isDeaf) {
          isDeaf = isBusy;
          if (isBusy) server.listening.stopAccepting();
          else server.listening.acceptAgain();
        }
        server.crew?.threads.setBusy(!isBusy ? NOT_BUSY : hasWritten ? BUSY_UNKILLABLE : BUSY);
        if (isBusy) server.dispatcher.conditions |= IS_BUSY;
        else server.dispatcher.conditions &= ~IS_BUSY;
      },
    },
  });
}
