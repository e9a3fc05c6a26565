// What the sources take for given because webpack gives it to them: Node's own, of "util" one function.
export { Buffer } from "buffer/index.js";
export const process = { env: {} };
export const isArray = Array.isArray;
