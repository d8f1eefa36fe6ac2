//! A sign of life on a terminal while a command takes long.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// How long a command is silent before it shows that it works.
const PATIENCE: Duration = Duration::from_millis(700);

/// How often the sign moves.
const TICK: Duration = Duration::from_millis(120);

/// What a bar looks like.
const BAR: &str = "{msg} [{bar:40}] {bytes} of {total_bytes}";

/// Shows what is going on until it is dropped. Nothing where standard error is no terminal.
#[derive(Debug)]
pub(crate) struct Progress {
    worker: Option<(Sender<()>, JoinHandle<()>)>,
    done: Arc<AtomicU64>,
}

impl Progress {
    /// Starts with a message such as `compiling`.
    pub(crate) fn start(message: &'static str) -> Self {
        Self::show(message, None)
    }

    /// Starts with a message such as `checking` and what there is to do, which [`Progress::advance`] counts.
    pub(crate) fn of_bytes(message: &'static str, bytes: u64) -> Self {
        Self::show(message, Some(bytes))
    }

    /// Shows nothing.
    pub(crate) fn none() -> Self {
        Self { worker: None, done: Arc::default() }
    }

    /// Counts bytes that are done.
    pub(crate) fn advance(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::Relaxed);
    }

    fn show(message: &'static str, bytes: Option<u64>) -> Self {
        if !io::stderr().is_terminal() {
            return Self::none();
        }
        let (stop, stopped) = mpsc::channel();
        let done = Arc::new(AtomicU64::new(0));
        let known = Arc::clone(&done);
        let worker = std::thread::spawn(move || {
            // The sender sends nothing: it goes away when the work is done.
            let is_over = |wait| stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout);
            if is_over(PATIENCE) {
                return;
            }
            let bar = match (bytes, ProgressStyle::with_template(BAR)) {
                (Some(bytes), Ok(style)) => ProgressBar::new(bytes).with_style(style),
                (Some(_) | None, _) => ProgressBar::new_spinner(),
            };
            let bar = bar.with_message(message);
            bar.set_position(known.load(Ordering::Relaxed));
            while !is_over(TICK) {
                bar.set_position(known.load(Ordering::Relaxed));
                bar.tick();
            }
            bar.finish_and_clear();
        });
        Self { worker: Some((stop, worker)), done }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((stop, worker)) = self.worker.take() {
            drop(stop);
            // A sign that fails to go away is no reason to fail.
            let _ = worker.join();
        }
    }
}
