// The page's switches are those of the control API, and work. Argument: base address.
import { check, column, session } from "./session.mjs";

const [base] = process.argv.slice(2);
const view = async () => (await fetch(`${base}/sandbox/switches`)).json();

await session(base, async (page) => {
  const { switches, scopes } = await view();
  await page.getByText("Trouble that Teams was seen in").click();
  const forms = page.locator(".switch");
  const drawn = await forms.evaluateAll((nodes) =>
    nodes.map((node) => [node.dataset.switch, ...[...node.elements].map(({ name }) => name).filter(Boolean)]),
  );
  const listed = switches.map(({ name, parameters }) => [name, "scope", ...parameters.map(({ name }) => name)]);
  check(JSON.stringify(drawn) === JSON.stringify(listed), `${JSON.stringify(drawn)} is not the list`);

  const gone = page.locator(".switch[data-switch=conversationsGone]");
  const person = scopes.find(({ kind }) => kind === "person");
  await gone.getByLabel("For").selectOption({ label: `${person.title} (person)` });
  await gone.getByLabel("Seconds").fill("600");
  await gone.getByRole("button", { name: "Switch on" }).click();
  const on = page.locator(".switched-on li");
  await on.getByText(/until .*\d/).waitFor();
  const [{ name, scope, settings }] = (await view()).on;
  check(name === "conversationsGone" && scope.id === person.id && settings.seconds === 600, "it is on as chosen");

  const id = await column(page, "personal").getAttribute("data-conversation-id");
  const send = async () => {
    const body = JSON.stringify({ type: "message", from: { id: "28:bot" }, text: "Anybody there?" });
    const path = `/_connector/v3/conversations/${encodeURIComponent(id)}/activities`;
    const headers = { "content-type": "application/json" };
    return fetch(`${base}${path}`, { method: "POST", body, headers });
  };
  await send();
  await column(page, "personal").getByText("404 ConversationNotFound").first().waitFor();
  await on.getByText(/\d answered/).waitFor();
  await on.getByRole("button", { name: "Switch off" }).click();
  await on.waitFor({ state: "detached" });

  // One that ends by itself leaves the page by itself.
  await gone.getByLabel("Seconds").fill("5");
  await gone.getByRole("button", { name: "Switch on" }).click();
  await on.waitFor();
  await on.waitFor({ state: "detached" });

  const login = page.locator(".switch[data-switch=loginPage]");
  await login.getByLabel("Seconds").evaluate((node) => (node.value = "-1", node.form.noValidate = true));
  await login.getByRole("button", { name: "Switch on" }).click();
  await page.getByText("Not done: seconds must be a whole number").waitFor();
});
