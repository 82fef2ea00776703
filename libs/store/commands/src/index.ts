export { stringCommands } from './string/string-commands';
export { stringEncodingName } from './string/string-value';
