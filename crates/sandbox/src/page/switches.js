// The switches, drawn from the list of the control API: this file knows none of them by name.

import { element } from "./plain.js";

const $ = (selector, root = document) => root.querySelector(selector);
const clock = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "medium" });
const path = "/sandbox/switches";

let known = []; // the list, as the control API has it
let scopes = [];
let end; // timer: something goes off by itself

const call = async (method, url, body) => {
  const response = await fetch(url, { method, body: body && JSON.stringify(body) });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error?.message ?? `the sandbox answered ${response.status}`);
  return answer;
};

// The whole view: which there are, for whom, and what is on.
export function showSwitches({ switches, scopes: offered, on }) {
  const before = JSON.stringify([known, scopes]);
  [known, scopes] = [switches, offered];
  // Forms stay where they are still right, so that nobody loses what they are typing.
  if (JSON.stringify([known, scopes]) !== before) $(".switch-list").replaceChildren(...known.map(form));
  showSwitchedOn(on);
}

// What is on, and until when.
export function showSwitchedOn(on) {
  const list = $(".switched-on");
  list.hidden = on.length === 0;
  list.replaceChildren(...on.map(entry));
  $(".switches-count").textContent = on.length ? `${on.length} on` : "";
  for (const node of document.querySelectorAll(".switch")) {
    node.dataset.on = on.some(({ name }) => name === node.dataset.switch);
  }
  clearTimeout(end);
  const next = Math.min(...on.map(({ until }) => until ?? Infinity));
  // A timer's wait has 31 bits.
  if (next < Infinity) end = setTimeout(refresh, Math.min(Math.max(next - Date.now(), 0) + 250, 2 ** 31 - 1));
}

const refresh = () => call("GET", path).then(showSwitches, (error) => say(error.message));

function say(text) {
  const note = $(".switch-problem");
  note.hidden = !text;
  note.textContent = text;
}

async function change(method, url, body) {
  try {
    await call(method, url, body);
    say("");
  } catch (error) {
    say(`Not done: ${error.message}`);
  }
  await refresh();
}

function entry({ id, name, scope, settings, until, requestsLeft, answered }) {
  const { title, parameters } = known.find((one) => one.name === name) ?? { title: name, parameters: [] };
  const node = element("li");
  Object.assign(node.dataset, { switch: name, on: id });
  const chosen = parameters.filter(({ kind }) => kind === "choice").map(({ name }) => settings[name]);
  const words = [
    [scope.title, ...chosen].join(", "),
    until ? `until ${clock.format(new Date(until))}` : requestsLeft === null ? "until switched off" : "",
    requestsLeft === null ? "" : `until ${requestsLeft} more ${requestsLeft === 1 ? "request" : "requests"}`,
    answered ? `${answered} answered` : "",
  ];
  const off = element("button", "switch-off", "Switch off");
  off.type = "button";
  off.addEventListener("click", () => change("DELETE", `${path}/${name}/${id}`));
  node.append(element("b", "", title), ` · ${words.filter(Boolean).join(" · ")} `, off);
  return node;
}

function form({ name, title, what, reports, guess, scopes: kinds, parameters }) {
  const node = $("#switch").content.firstElementChild.cloneNode(true);
  node.dataset.switch = name;
  $(".switch-title", node).textContent = title;
  $(".switch-what", node).textContent = what;
  const source = [reports.length ? `From ${reports.join(", ")}.` : "From no report.", guess && `A guess: ${guess}.`];
  $(".switch-source", node).textContent = source.filter(Boolean).join(" ");
  const offered = scopes.filter(({ kind }) => kinds.includes(kind));
  const whom = select(offered.map(({ kind, title }) => (kind === "everybody" ? title : `${title} (${kind})`)));
  const inputs = parameters.map((parameter) => [parameter, input(parameter)]);
  $(".switch-fields", node).append(
    field("For", "scope", whom),
    ...inputs.map(([parameter, node]) => field(parameter.title, parameter.name, node)),
  );
  node.addEventListener("submit", (submit) => {
    submit.preventDefault();
    const { kind, id } = offered[whom.selectedIndex];
    const settings = id === undefined ? {} : { [kind]: id };
    for (const [parameter, node] of inputs) {
      if (node.value !== "") settings[parameter.name] = parameter.kind === "number" ? Number(node.value) : node.value;
    }
    change("POST", `${path}/${name}`, settings);
  });
  return node;
}

function input({ kind, least, most, choices, default: usual }) {
  const node = kind === "choice" ? select(choices) : Object.assign(element("input"), { type: "number", min: least, max: most });
  node.value = usual;
  return node;
}

function select(titles) {
  const node = element("select");
  node.append(...titles.map((title) => element("option", "", title)));
  return node;
}

function field(title, name, node) {
  const label = element("label", "", title);
  node.name = name;
  label.append(node);
  return label;
}
