// The program's wire: one JSON object a line. In comes {id, verb, …}; out go {id, result} or {id, error}, and whatever
// the client learns by itself. It ends with its standard input, so that it never outlives whoever started it.
import "fake-indexeddb/auto"; // before the SDK: Node has no IndexedDB, and the encryption's store is made on one
import { createInterface } from "node:readline";
import { logger } from "matrix-js-sdk/lib/logger.js";

logger.setLevel("silent"); // its lines would name rooms and users; what goes wrong is in the answers
const tell = (line) => process.stdout.write(JSON.stringify(line) + "\n");

const { Agent } = await import("./agent.mjs");
const agent = new Agent(tell);

async function answer({ id, verb, ...args }) {
    try {
        tell({ id, result: (await agent[verb](args)) ?? null });
    } catch (err) {
        tell({ id, error: String(err?.message ?? err) });
    }
}

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => void answer(JSON.parse(line)));
lines.on("close", () => process.exit(0));
