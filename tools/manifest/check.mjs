// Checks a Teams app manifest against the schema that Microsoft publishes for its manifestVersion.
// The schemas come with the npm package @microsoft/app-manifest, so nothing is fetched while it runs.
//
//   node check.mjs manifest.json      exit 0: valid; 1: one line per violation on standard output; 2: could not check

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import Ajv from "ajv-draft-04";
import addFormats from "ajv-formats";

const file = process.argv[2];
if (!file) stop("which manifest? node check.mjs manifest.json");

const manifest = readJson(file);
const version = manifest.manifestVersion;
if (typeof version !== "string") stop(`${file}: manifestVersion is missing; it is a text such as "1.25"`);

const home = path.dirname(createRequire(import.meta.url).resolve("@microsoft/app-manifest/package.json"));
const schema = readJson(path.join(home, "build/json-schemas/teams", `v${version}`, "MicrosoftTeams.schema.json"));

const ajv = new Ajv({ allErrors: true, strict: false });
addFormats(ajv);
const valid = ajv.compile(schema);
if (!valid(manifest)) {
  for (const { instancePath, message, params } of valid.errors) {
    const detail = params.additionalProperty ?? params.allowedValues?.join(", ") ?? "";
    console.log(`${instancePath || "/"} ${message}${detail && `: ${detail}`}`);
  }
  process.exit(1);
}

function readJson(name) {
  let text;
  try {
    text = readFileSync(name, "utf8");
  } catch (error) {
    stop(`${name} cannot be read (${error.code}); is manifestVersion one that Microsoft has published?`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    stop(`${name} is not JSON: ${error.message}`);
  }
}

function stop(message) {
  console.error(message);
  process.exit(2);
}
