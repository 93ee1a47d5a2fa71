// Makes main.wasm of app.js and the JavaScript engine SpiderMonkey. Network and clocks stay out.
import { writeFile } from "node:fs/promises";
import { componentize } from "@bytecodealliance/componentize-js";

const { component } = await componentize({
  sourcePath: "app.js",
  witPath: "world.wit",
  worldName: "program",
  disableFeatures: ["http", "fetch-event", "clocks", "random"],
});
await writeFile("main.wasm", component);
