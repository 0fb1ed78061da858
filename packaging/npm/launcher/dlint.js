#!/usr/bin/env node
// Finds the program that npm installed for this platform, and runs it in this one's place.
"use strict";
const { spawnSync } = require("node:child_process");

const name = `dockerfile-dlint-${process.platform}-${process.arch}`;
let program;
try {
  program = require.resolve(`${name}/bin/dlint`);
} catch {
  console.error(`dlint: the package ${name} is not installed. Either there is none for this platform, ` +
    "or npm was told to leave out optional dependencies.");
  process.exit(2);
}
const ran = spawnSync(program, process.argv.slice(2), { stdio: "inherit" });
if (ran.error) {
  console.error(`dlint: ${program} cannot be run: ${ran.error.message}`);
  process.exit(2);
}
if (ran.signal) process.kill(process.pid, ran.signal);
process.exitCode = ran.status ?? 2;
