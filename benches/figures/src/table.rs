//! The result: rows as they come, and the whole as Markdown at the end.

use crate::machine;

/// A table in the making.
pub(crate) struct Table {
    begun: String,
    rows: Vec<[String; 3]>,
}

impl Table {
    pub(crate) fn begin() -> Self {
        Self {
            begun: machine::load(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; an empty `aim` means that none is set.
    pub(crate) fn row(&mut self, figure: impl Into<String>, measured: impl Into<String>, aim: &str) {
        let row = [figure.into(), measured.into(), aim.to_owned()];
        eprintln!("{}: {}", row[0], row[1]);
        self.rows.push(row);
    }

    /// Markdown, ready for `docs/benchmarks.md`.
    pub(crate) fn print(&self) {
        println!(
            "{}; {} at the start, {} at the end\n",
            machine::describe(),
            self.begun,
            machine::load()
        );
        println!("| figure | measured | aim |\n|---|---|---|");
        for [figure, measured, aim] in &self.rows {
            println!("| {figure} | {measured} | {aim} |");
        }
    }
}

/// The middle one; of an even number the upper of the two.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_the_middle_one_whatever_the_order() {
        assert!((median(vec![9.0, 1.0, 5.0]) - 5.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).is_nan());
    }
}
