/**
 * Lets Node run a library's TypeScript as it is: libraries import one another without an extension (`./clock`), which bundlers and
 * tests resolve and Node alone does not.
 */
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context);
    } catch (error) {
      if (!/^\.{1,2}\//.test(specifier) || (error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error;
      return next(`${specifier}.ts`, context);
    }
  },
});
