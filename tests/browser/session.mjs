// A headless Chromium on one page, and the notification API beside it. Tests end by returning; an error fails them.
import { createRequire } from "node:module";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const { chromium } = createRequire(import.meta.url)(process.env.PLAYWRIGHT_DIR);

const ARGUMENTS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
];

/** Longest wait for anything that should be seen soon, in milliseconds. */
export const PATIENCE = 30_000;

/** Runs `test` with a page at `base`, by default once that says it is ready; reports problems of the page itself too. */
export async function session(base, test, { ready = true } = {}) {
  const profile = mkdtempSync(path.join(tmpdir(), "page-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM, headless: true, args: ARGUMENTS, viewport: { width: 1500, height: 950 },
  });
  context.setDefaultTimeout(PATIENCE);
  const errors = [];
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(base);
    if (ready) await page.locator("body[data-ready=true]").waitFor();
    await test(page);
    if (errors.length) throw new Error(`errors on the page: ${errors.join("; ")}`);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

/** The column of the first conversation of a scope: personal, groupChat or channel. */
export const column = (page, scope) => page.locator(`.conversation[data-scope=${scope}]`).first();

/** Posts a notification with the printed key; answers what the handler answered. */
export async function notify(base, key, body) {
  const headers = { "x-functions-key": key, "content-type": "application/json" };
  const response = await fetch(`${base}/api/notification`, { method: "POST", headers, body: JSON.stringify(body) });
  if (response.status !== 202) throw new Error(`POST answered ${response.status}: ${await response.text()}`);
  return response.json();
}

/** Waits until a notification has ended; answers its status. */
export async function ended(base, key, id) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const response = await fetch(`${base}/api/notification/${id}`, { headers: { "x-functions-key": key } });
    const status = await response.json();
    if (["finished", "stopped", "cancelled"].includes(status.state)) return status;
  }
  throw new Error(`notification ${id} did not end`);
}

/** Fails with `message` unless `condition`. */
export function check(condition, message) {
  if (!condition) throw new Error(message);
}
