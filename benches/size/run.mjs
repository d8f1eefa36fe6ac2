// Runs the module: it decides twice with every condition operator, and tells how many decisions were wrong.
import { readFileSync } from "node:fs";

const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), {});
const wrong = instance.exports.decide_all();
console.log(wrong === 0 ? "the module decides right" : `the module: ${wrong} decisions are wrong`);
process.exitCode = wrong === 0 ? 0 : 1;
