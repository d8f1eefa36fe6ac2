//! A sign of life on a terminal while a command takes long.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::ProgressBar;

/// How long a command is silent before it shows that it works.
const PATIENCE: Duration = Duration::from_millis(700);

/// How often the sign moves.
const TICK: Duration = Duration::from_millis(120);

/// Shows what is going on until it is dropped. Nothing where standard error is no terminal.
#[derive(Debug)]
pub(crate) struct Progress {
    worker: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Starts with a message such as `compiling`.
    pub(crate) fn start(message: &'static str) -> Self {
        if !io::stderr().is_terminal() {
            return Self { worker: None };
        }
        let (stop, stopped) = mpsc::channel();
        let worker = std::thread::spawn(move || {
            if stopped.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::new_spinner().with_message(message);
            bar.enable_steady_tick(TICK);
            // The sender sends nothing: it goes away when the work is done.
            let _ = stopped.recv();
            bar.finish_and_clear();
        });
        Self { worker: Some((stop, worker)) }
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
