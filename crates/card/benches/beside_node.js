// The reference's side of `cargo bench -p card --bench beside_node`: reads one request a line on standard
// input, answers one line on standard output. `AC_NODE_MODULES` is the folder that has the reference.
// With the argument `stubbed`, looking up the default locale costs nothing, which the reference otherwise
// does in each call of a function that knows locales.
'use strict';
const path = require('path');
const readline = require('readline');

if (process.argv[2] === 'stubbed') {
  const Real = Intl.DateTimeFormat;
  const constant = new Real().resolvedOptions();
  const known = { resolvedOptions: () => constant };
  const Stub = function (...args) {
    return args.length === 0 ? known : new Real(...args);
  };
  Stub.supportedLocalesOf = Real.supportedLocalesOf;
  Stub.prototype = Real.prototype;
  Intl.DateTimeFormat = Stub;
}

const { Template } = require(path.join(process.env.AC_NODE_MODULES, 'adaptivecards-templating'));
let once;
let template;
let data;
const work = {
  once: () => JSON.stringify(once.expand({ $root: JSON.parse(data) })),
  each: () => JSON.stringify(new Template(JSON.parse(template)).expand({ $root: JSON.parse(data) })),
};

// Expansions a second of processor time, of the whole process.
function rate(fill, milliseconds) {
  const before = process.cpuUsage();
  const end = process.hrtime.bigint() + BigInt(milliseconds) * 1000000n;
  let count = 0;
  do {
    for (let i = 0; i < 20; i++) fill();
    count += 20;
  } while (process.hrtime.bigint() < end);
  const used = process.cpuUsage(before);
  return count / ((used.user + used.system) / 1e6);
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line);
  if (request.template !== undefined) {
    ({ template, data } = request);
    once = new Template(JSON.parse(template));
    console.log(work.once());
  } else {
    console.log(rate(work[request.mode], request.milliseconds));
  }
});
