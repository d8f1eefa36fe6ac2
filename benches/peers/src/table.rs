//! What was measured, as Markdown.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::generate::corpus::Corpus;
use crate::measure::Kind;

/// Corpus, statements (0 where the name says it) and kind of request.
pub(crate) type Row = (&'static str, usize, Kind);

const COLUMNS: &[&str] = &[
    "iamc",
    "iamc, ids",
    "(a) scan",
    "(b) afternoon index",
    "(c) prefix index",
    "(d) iam-rs",
    "(e) Cedar, whole",
    "(e) Cedar, sliced",
    "(f) regorus bytecode",
    "(g) casbin keyMatch",
];

#[derive(Default)]
pub(crate) struct Results {
    rows: Vec<Row>,
    times: BTreeMap<(Row, &'static str), f64>,
    percentiles: BTreeMap<Row, [f64; 3]>,
    threads: BTreeMap<Row, f64>,
    floor: BTreeMap<Kind, f64>,
    notes: Vec<String>,
}

fn row(corpus: &Corpus, kind: Kind) -> Row {
    let statements = if corpus.name == "managed" { 0 } else { corpus.statements };
    (corpus.name, statements, kind)
}

fn label(row: Row) -> String {
    let (name, statements, kind) = row;
    let kind = if kind == Kind::Hot { "hot" } else { "cold" };
    if statements == 0 { format!("{name}, {kind}") } else { format!("{name} {statements}, {kind}") }
}

fn show(nanoseconds: f64) -> String {
    match nanoseconds {
        ..1e3 => format!("{nanoseconds:.0} ns"),
        ..1e4 => format!("{:.2} µs", nanoseconds / 1e3),
        ..1e6 => format!("{:.1} µs", nanoseconds / 1e3),
        _ => format!("{:.1} ms", nanoseconds / 1e6),
    }
}

impl Results {
    pub(crate) fn time(&mut self, corpus: &Corpus, kind: Kind, peer: &'static str, time: f64) {
        let row = row(corpus, kind);
        if !self.rows.contains(&row) {
            self.rows.push(row);
        }
        self.times.insert((row, peer), time);
    }

    pub(crate) fn percentiles(&mut self, corpus: &Corpus, kind: Kind, values: [f64; 3]) {
        self.percentiles.insert(row(corpus, kind), values);
    }

    pub(crate) fn threads(&mut self, corpus: &Corpus, kind: Kind, ratio: f64) {
        self.threads.insert(row(corpus, kind), ratio);
    }

    pub(crate) fn floor(&mut self, kind: Kind, time: f64) {
        self.floor.insert(kind, time);
    }

    pub(crate) fn note(&mut self, corpus: &Corpus, peer: &str, note: &str) {
        self.notes.push(format!("{} {}: {peer}: {note}.", corpus.name, corpus.statements));
        eprintln!("  {peer}: {note}");
    }

    pub(crate) fn shares(&mut self, corpus: &Corpus, [allowed, implicit, explicit]: &[usize; 3]) {
        let summary = &corpus.summary;
        self.notes.push(format!(
            "{}: {summary}; of 10,000 requests {allowed} allowed, {implicit} implicitly and {explicit} explicitly denied.",
            corpus.name
        ));
    }

    pub(crate) fn skip(&mut self, corpus: &Corpus, _kinds: &[Kind], peer: &str, why: &str) {
        self.note(corpus, peer, &format!("not run: {why}"));
    }

    pub(crate) fn markdown(&self) -> String {
        let mut text = String::from("| a decision | ");
        text.push_str(&COLUMNS.join(" | "));
        text.push_str(" | iamc p50 | iamc p99 | iamc, 2 threads / 1 |\n|");
        text.push_str(&" --- |".repeat(COLUMNS.len() + 4));
        text.push('\n');
        for row in &self.rows {
            write!(text, "| {} |", label(*row)).expect("text grows");
            for column in COLUMNS {
                let time = self.times.get(&(*row, *column)).map_or_else(|| "–".to_owned(), |time| show(*time));
                write!(text, " {time} |").expect("text grows");
            }
            let [half, most, _] = self.percentiles.get(row).copied().unwrap_or([f64::NAN; 3]);
            let threads = self.threads.get(row).copied().unwrap_or(f64::NAN);
            writeln!(text, " {} | {} | {threads:.2} |", show(half), show(most)).expect("text grows");
        }
        text.push('\n');
        for (kind, time) in &self.floor {
            let kind = if *kind == Kind::Hot { "256 hot" } else { "10,000 cold" };
            writeln!(text, "Floor, {kind} requests among 100,000 keys: {}.", show(*time)).expect("text grows");
        }
        if let Some([_, _, overhead]) = self.percentiles.values().next() {
            writeln!(
                text,
                "p50 and p99 are single decisions by wall clock, less {overhead:.0} ns for reading the clock, others on the machine included."
            )
            .expect("text grows");
        }
        text.push_str("\n| bar | asked | measured | met |\n| --- | --- | --- | --- |\n");
        for bar in self.bars() {
            writeln!(text, "{bar}").expect("text grows");
        }
        text.push('\n');
        for note in &self.notes {
            writeln!(text, "- {note}").expect("text grows");
        }
        text
    }

    fn bars(&self) -> Vec<String> {
        let hot = |name, statements| (name, statements, Kind::Hot);
        let cold = |name, statements| (name, statements, Kind::Cold);
        let time = |row: Row, peer: &'static str| self.times.get(&(row, peer)).copied();
        let iamc = |row: Row| time(row, "iamc");
        let floor = |kind: Kind| self.floor.get(&kind).copied();
        let ratio = |above: Option<f64>, below: Option<f64>| Some(above? / below?);
        let of_peer = |row: Row, peer: &'static str| ratio(time(row, peer), iamc(row));
        let (large, cold_large) = (hot("account", 10_000), cold("account", 100_000));
        let single = self.percentiles.get(&large).map(|[half, most, _]| most / half);
        let flat = hot("flat", 1_000);
        let cedar = of_peer(flat, "(e) Cedar, sliced")
            .map(|sliced| of_peer(flat, "(e) Cedar, whole").map_or(sliced, |whole| sliced.min(whole)));
        let b = "(b) afternoon index";
        vec![
            most("account 10,000 hot / hot floor", 3.0, ratio(iamc(large), floor(Kind::Hot))),
            least("(b) / iamc, account 10,000 hot", 3.0, of_peer(large, b)),
            most("p99 / p50, account 10,000 hot", 3.0, single),
            most("account 100,000 cold / cold floor", 3.0, ratio(iamc(cold_large), floor(Kind::Cold))),
            least("(b) / iamc, account 100,000 cold", 5.0, of_peer(cold_large, b)),
            least("(b) / iamc, managed hot", 2.0, of_peer(hot("managed", 0), b)),
            least("(b) / iamc, managed cold", 2.0, of_peer(cold("managed", 0), b)),
            most("account hot, 100,000 / 100", 1.5, ratio(iamc(hot("account", 100_000)), iamc(hot("account", 100)))),
            most("iamc / (a), account 1", 0.5, ratio(iamc(hot("account", 1)), time(hot("account", 1), "(a) scan"))),
            most("iamc / (a), account 10", 0.5, ratio(iamc(hot("account", 10)), time(hot("account", 10), "(a) scan"))),
            most(
                "adversarial 10,000 hot / account 10,000 hot",
                3.0,
                ratio(iamc(hot("adversarial", 10_000)), iamc(large)),
            ),
            least("iam-rs / iamc, flat 1,000", 5_000.0, of_peer(flat, "(d) iam-rs")),
            least("Cedar, the faster / iamc, flat 1,000", 5_000.0, cedar),
            least("(c) / iamc, flat 1,000", 10.0, of_peer(flat, "(c) prefix index")),
            most("pre-resolved ids / strings, account 10,000 hot", 0.5, ratio(time(large, "iamc, ids"), iamc(large))),
            least("two threads / one, account 10,000 hot", 1.7, self.threads.get(&large).copied()),
        ]
    }
}

fn most(name: &str, bar: f64, measured: Option<f64>) -> String {
    line(name, &format!("at most {bar}"), measured, |measured| measured <= bar)
}

fn least(name: &str, bar: f64, measured: Option<f64>) -> String {
    line(name, &format!("at least {bar}"), measured, |measured| measured >= bar)
}

fn line(name: &str, asked: &str, measured: Option<f64>, is_met: impl Fn(f64) -> bool) -> String {
    match measured {
        None => format!("| {name} | {asked} | not measured | – |"),
        Some(measured) => {
            let met = if is_met(measured) { "yes" } else { "no" };
            format!("| {name} | {asked} | {measured:.2} | {met} |")
        }
    }
}
