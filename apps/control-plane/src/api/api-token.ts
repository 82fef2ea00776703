/** Token under which Nest hands ApiServices out. */
export const API = Symbol('API');
