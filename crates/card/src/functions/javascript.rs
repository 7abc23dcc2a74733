//! What to write for the methods and functions of JavaScript, which people expect in `${…}`.

use crate::syntax::shortened;

/// Methods, with the call that does the same; `{}` is the value.
const METHODS: [(&str, &str); 36] = [
    ("toUpperCase", "toUpper({})"),
    ("toLocaleUpperCase", "toUpper({})"),
    ("toLowerCase", "toLower({})"),
    ("toLocaleLowerCase", "toLower({})"),
    ("toString", "string({})"),
    ("toFixed", "formatNumber({}, 2)"),
    ("toLocaleString", "formatNumber({}, 2)"),
    ("toLocaleDateString", "formatDateTime({}, 'yyyy-MM-dd')"),
    ("toISOString", "formatDateTime({})"),
    ("trim", "trim({})"),
    ("trimStart", "trim({})"),
    ("trimEnd", "trim({})"),
    ("includes", "contains({}, …)"),
    ("startsWith", "startsWith({}, …)"),
    ("endsWith", "endsWith({}, …)"),
    ("indexOf", "indexOf({}, …)"),
    ("lastIndexOf", "lastIndexOf({}, …)"),
    ("split", "split({}, …)"),
    ("join", "join({}, ', ')"),
    ("replace", "replace({}, …, …)"),
    ("replaceAll", "replace({}, …, …)"),
    ("substring", "substring({}, start, length)"),
    ("substr", "substring({}, start, length)"),
    (
        "slice",
        "substring({}, start, length), or subArray({}, start, end) for an array",
    ),
    ("charAt", "substring({}, index, 1)"),
    ("concat", "concat({}, …)"),
    ("map", "select({}, x, …)"),
    ("filter", "where({}, x, …)"),
    ("find", "first(where({}, x, …))"),
    ("some", "any({}, x, …)"),
    ("every", "all({}, x, …)"),
    ("reduce", "sum({}), or another function of lists"),
    ("sort", "sortBy({}, 'key')"),
    ("reverse", "reverse({})"),
    ("flat", "flatten({})"),
    ("length", "count({})"),
];

/// Functions, with the name of the one that does the same.
const FUNCTIONS: [(&str, &str); 18] = [
    ("Math.round", "round"),
    ("Math.floor", "floor"),
    ("Math.ceil", "ceiling"),
    ("Math.abs", "abs"),
    ("Math.min", "min"),
    ("Math.max", "max"),
    ("Math.pow", "exp"),
    ("Math.sqrt", "sqrt"),
    ("Math.random", "rand"),
    ("JSON.stringify", "jsonStringify"),
    ("JSON.parse", "json"),
    ("Date.now", "utcNow"),
    ("Number", "float"),
    ("parseInt", "int"),
    ("parseFloat", "float"),
    ("Boolean", "bool"),
    ("encodeURIComponent", "uriComponent"),
    ("decodeURIComponent", "uriComponentToString"),
];

/// What to write instead of a call of `name`, if it is JavaScript.
pub(super) fn instead(name: &str) -> Option<String> {
    if let Some((_, known)) = FUNCTIONS.iter().find(|(other, _)| *other == name) {
        return Some(format!("write {known}(…)"));
    }
    let (value, method) = name.rsplit_once('.')?;
    let value = shortened(value, 64);
    Some(match METHODS.iter().find(|(other, _)| *other == method) {
        Some((_, call)) => format!("write {}", call.replace("{}", &value)),
        None => format!("values have no methods; functions are called like toUpper({value})"),
    })
}
