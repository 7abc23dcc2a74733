//! Expansions per second: data text in, card text out, with the template compiled once and each time. The
//! inputs are our own; `CARD_BENCH_CASES` names a JSON file of `{name, template, data}` to measure instead.
#![allow(missing_docs, clippy::expect_used)] // the macros make undocumented items; a bad case file ends the run

mod inputs;

use card::{Data, Json, Template};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use inputs::cases;
use std::hint::black_box;

fn expand(criterion: &mut Criterion) {
    for case in cases() {
        let mut group = criterion.benchmark_group(&case.name);
        group.throughput(Throughput::Elements(1));
        let template = Template::parse(&case.template, "bench").expect("the template compiles");
        let mut out = String::new();
        group.bench_function("compiled once", |bencher| {
            bencher.iter(|| {
                out.clear();
                let data = Json::parse(black_box(&case.data)).expect("the data are JSON");
                template
                    .expand_into(&Data::of(&data), &mut out)
                    .expect("the card expands");
                black_box(out.len())
            });
        });
        group.bench_function("compiled each time", |bencher| {
            bencher.iter(|| {
                let template =
                    Template::parse(black_box(&case.template), "bench").expect("the template compiles");
                let data = Json::parse(black_box(&case.data)).expect("the data are JSON");
                black_box(
                    template
                        .expand_to_string(&Data::of(&data))
                        .expect("the card expands"),
                )
            });
        });
        group.finish();
    }
}

criterion_group!(benches, expand);
criterion_main!(benches);
