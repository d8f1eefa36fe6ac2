//! Splits request lines into allowed and denied ones, on all cores and in their order.
//!
//! Comes in: an artifact, and JSON lines of requests as `iamc decide --requests` takes them. Goes out: the same lines, with
//! the answer as one more member, to one place or to two. A line that is no request is reported with its number and is
//! neither allowed nor denied.
//!
//! Lines go to the threads in batches, in turn; the writer takes the batches back in the same turn, so that the order stays
//! and never more than a few batches are in memory.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use iamc::Tables;
use iamc::ask::{ContextValue, OwnedRequest};
use iamc::files::{self, Line, Lines};
use iamc::provenance::Provenance;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const USAGE: &str =
    "usage: iamc-filter ARTIFACT [FILE]... [--allowed FILE] [--denied FILE] [--plain] [--now] [--strict] \
                     [--threads N]

  FILE             request lines; standard input without any, or for `-`
  --allowed FILE   where allowed lines go (`-`: standard output)
  --denied FILE    where denied lines go; with neither option all go to standard output
  --plain          write lines as they came, without the answer
  --now            requests that tell no time are made now
  --strict         stop at the first line that is no request
  --threads N      how many threads decide

Exit status: 0, or 2 if a line was no request or anything else went wrong.";
/// Lines that a thread takes at once.
const BATCH_LINES: usize = 256;
/// Batches that wait for each thread.
const BATCHES_WAITING: usize = 4;

struct Options {
    artifact: PathBuf,
    inputs: Vec<PathBuf>,
    allowed: Option<PathBuf>,
    denied: Option<PathBuf>,
    is_plain: bool,
    is_now: bool,
    is_strict: bool,
    threads: usize,
}

/// A line with the place that it came from.
struct Given {
    file: usize,
    number: usize,
    text: Result<String, &'static str>,
}

/// What became of a line.
enum Outcome {
    Allowed(String),
    Denied(String),
    /// It is no request; the place is in the message.
    Bad(String),
}

/// How many lines there were of each kind.
#[derive(Default)]
struct Counts {
    allowed: u64,
    denied: u64,
    bad: u64,
}

fn main() -> ExitCode {
    match arguments().and_then(|options| options.map_or(Ok(None), |options| run(&options).map(Some))) {
        Ok(None) => ExitCode::SUCCESS,
        Ok(Some(Counts { allowed, denied, bad })) => {
            eprintln!("{allowed} allowed, {denied} denied, {bad} no requests");
            if bad == 0 { ExitCode::SUCCESS } else { ExitCode::from(2) }
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Reads the command line; nothing where only help is wanted.
fn arguments() -> Result<Option<Options>, Failure> {
    use lexopt::prelude::{Long, Short, Value, ValueExt};
    let mut options = Options {
        artifact: PathBuf::new(),
        inputs: Vec::new(),
        allowed: None,
        denied: None,
        is_plain: false,
        is_now: false,
        is_strict: false,
        threads: thread::available_parallelism().map_or(1, usize::from),
    };
    let mut paths = Vec::new();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Value(path) => paths.push(PathBuf::from(path)),
            Long("allowed") => options.allowed = Some(parser.value()?.into()),
            Long("denied") => options.denied = Some(parser.value()?.into()),
            Long("plain") => options.is_plain = true,
            Long("now") => options.is_now = true,
            Long("strict") => options.is_strict = true,
            Long("threads") => options.threads = parser.value()?.parse::<usize>()?.clamp(1, 256),
            Long("help") | Short('h') => {
                println!("{USAGE}");
                return Ok(None);
            }
            unknown => return Err(unknown.unexpected().into()),
        }
    }
    if paths.is_empty() {
        return Err(USAGE.into());
    }
    options.artifact = paths.remove(0);
    options.inputs = if paths.is_empty() { vec!["-".into()] } else { paths };
    Ok(Some(options))
}

fn run(options: &Options) -> Result<Counts, Failure> {
    let bytes = files::read_bytes(&options.artifact)?;
    let tables =
        Tables::load(&bytes).map_err(|error| format!("cannot use `{}`: {error}", options.artifact.display()))?;
    let decider = Decider::new(options, &tables);
    // Before anything is written, so that an output never empties an input.
    let mut inputs = Vec::new();
    for path in &options.inputs {
        inputs.push(Lines::open(path)?);
    }
    let out = Out::open(options)?;
    thread::scope(|scope| {
        let mut to_threads = Vec::new();
        let mut from_threads = Vec::new();
        for _ in 0..options.threads {
            let (give, take) = sync_channel::<Vec<Given>>(BATCHES_WAITING);
            let (give_back, take_back) = sync_channel(BATCHES_WAITING);
            let decider = &decider;
            // Ends when nothing is given any more, or nobody takes back.
            scope.spawn(move || {
                take.iter()
                    .try_for_each(|batch| give_back.send(batch.iter().map(|line| decider.decide(line)).collect()))
            });
            to_threads.push(give);
            from_threads.push(take_back);
        }
        let writer = scope.spawn(move || write(out, &from_threads, options.is_strict));
        let read = read(inputs, &to_threads);
        drop(to_threads);
        let counts = writer.join().map_err(|_| "the writer failed")??;
        read.map(|()| counts)
    })
}

/// Gives all lines to the threads, in turn. Ends early, and well, where the writer has ended: it says why.
fn read(inputs: Vec<Lines>, to_threads: &[SyncSender<Vec<Given>>]) -> Result<(), Failure> {
    let mut turn = to_threads.iter().cycle();
    let mut batch = Vec::new();
    let mut pass_on =
        |batch: &mut Vec<Given>| turn.next().is_some_and(|thread| thread.send(std::mem::take(batch)).is_ok());
    for (file, mut lines) in inputs.into_iter().enumerate() {
        for number in 1.. {
            let text = match lines.next_line()? {
                None => break,
                Some(Line::Text(text)) if text.trim().is_empty() => continue,
                Some(Line::Text(text)) => Ok(text.to_owned()),
                Some(Line::TooLong) => Err("the line is too long"),
                Some(Line::NotUtf8) => Err("the line is not UTF-8"),
            };
            batch.push(Given { file, number, text });
            // Nobody waits for a batch to be full while the next line is being waited for.
            if (BATCH_LINES <= batch.len() || lines.is_drained()) && !pass_on(&mut batch) {
                return Ok(());
            }
        }
    }
    pass_on(&mut batch);
    Ok(())
}

/// Takes the batches back in the turn in which they were given.
fn write(mut out: Out, from_threads: &[Receiver<Vec<Outcome>>], is_strict: bool) -> Result<Counts, Failure> {
    let mut counts = Counts::default();
    let mut turn = from_threads.iter().cycle();
    while let Some(Ok(batch)) = turn.next().map(Receiver::recv) {
        for outcome in batch {
            match outcome {
                Outcome::Allowed(line) => {
                    counts.allowed += 1;
                    out.allowed(&line)?;
                }
                Outcome::Denied(line) => {
                    counts.denied += 1;
                    out.denied(&line)?;
                }
                Outcome::Bad(message) if is_strict => {
                    out.flush()?;
                    return Err(message.into());
                }
                Outcome::Bad(message) => {
                    counts.bad += 1;
                    eprintln!("{message}");
                }
            }
        }
        out.flush()?;
    }
    Ok(counts)
}

/// Decides lines.
struct Decider<'a> {
    options: &'a Options,
    tables: Tables<'a>,
    provenance: Option<Provenance>,
    /// Whether some condition asks for the time.
    asks_time: bool,
}

impl<'a> Decider<'a> {
    fn new(options: &'a Options, tables: &Tables<'a>) -> Self {
        let asks_time = tables.required_keys().any(|key| matches!(key.name, "aws:currenttime" | "aws:epochtime"));
        Self { options, tables: *tables, provenance: Provenance::read(tables.provenance()), asks_time }
    }

    fn decide(&self, line: &Given) -> Outcome {
        let decided = line.text.as_deref().map_err(|error| (*error).into()).and_then(|text| self.decide_text(text));
        decided.unwrap_or_else(|error: Failure| {
            let file = self.options.inputs.get(line.file).map(|path| path.display().to_string()).unwrap_or_default();
            Outcome::Bad(format!("{file}:{}: {error}", line.number))
        })
    }

    fn decide_text(&self, text: &str) -> Result<Outcome, Failure> {
        let mut request = OwnedRequest::from_json(text, self.tables.semantics())?;
        let is_told = |value: &ContextValue| !matches!(value, ContextValue::List(values) if values.is_empty());
        let times = ["aws:CurrentTime", "aws:EpochTime"];
        if self.asks_time && !times.iter().any(|key| request.context_value(key).is_some_and(is_told)) {
            // Without a time a deny that depends on it would not hold.
            if !self.options.is_now {
                return Err("the policies ask for the time: the request needs `aws:CurrentTime`, or `--now`".into());
            }
            let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
            request.add_context("aws:EpochTime", &seconds.to_string());
        }
        let answer = request.ask(&self.tables, self.provenance.as_ref())?;
        let mut line = text.trim_end().to_owned();
        if !self.options.is_plain {
            // The line is an object with members: the answer goes in front of the brace at its end.
            line.pop();
            line.push_str(",\"answer\":");
            line.push_str(&serde_json::to_string(&answer)?);
            line.push('}');
        }
        Ok(if answer.is_allowed() { Outcome::Allowed(line) } else { Outcome::Denied(line) })
    }
}

/// Where lines go.
enum Out {
    All(Box<dyn Write + Send>),
    Split { allowed: Option<Box<dyn Write + Send>>, denied: Option<Box<dyn Write + Send>> },
}

impl Out {
    fn open(options: &Options) -> Result<Self, Failure> {
        if options.allowed.is_none() && options.denied.is_none() {
            return Ok(Self::All(Box::new(BufWriter::new(io::stdout()))));
        }
        if options.allowed == options.denied {
            return Err("allowed and denied lines go to one file; name two".into());
        }
        let open = |path: &Option<PathBuf>| path.as_deref().map(|path| create(path, options)).transpose();
        let allowed = open(&options.allowed)?;
        // The first one is there now, so that another spelling of its path is noticed.
        if options.denied.as_deref().is_some_and(|path| files::is_among(path, options.allowed.as_slice())) {
            return Err("allowed and denied lines go to one file; name two".into());
        }
        let denied = open(&options.denied)?;
        Ok(Self::Split { allowed, denied })
    }

    fn allowed(&mut self, line: &str) -> io::Result<()> {
        match self {
            Self::All(out) | Self::Split { allowed: Some(out), .. } => writeln!(out, "{line}"),
            Self::Split { allowed: None, .. } => Ok(()),
        }
    }

    fn denied(&mut self, line: &str) -> io::Result<()> {
        match self {
            Self::All(out) | Self::Split { denied: Some(out), .. } => writeln!(out, "{line}"),
            Self::Split { denied: None, .. } => Ok(()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::All(out) => out.flush(),
            Self::Split { allowed, denied } => allowed.iter_mut().chain(denied).try_for_each(Write::flush),
        }
    }
}

fn create(path: &Path, options: &Options) -> Result<Box<dyn Write + Send>, Failure> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(BufWriter::new(io::stdout())));
    }
    if files::is_among(path, &options.inputs) || files::is_among(path, std::slice::from_ref(&options.artifact)) {
        return Err(format!("the output `{}` is one of the inputs", path.display()).into());
    }
    let file = File::create(path).map_err(|error| format!("cannot write `{}`: {error}", path.display()))?;
    Ok(Box::new(BufWriter::new(file)))
}
