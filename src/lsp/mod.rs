//! The language server: what an editor shows of Dockerfiles while they are written.
//!
//! One thread reads messages, another one takes what has come in, applies all changes and answers. Linting takes a
//! millisecond or two, so an answer is always about the newest text. Only build contexts are walked through beside
//! that, on threads of their own.

mod actions;
mod answers;
mod builds;
mod capabilities;
mod changes;
mod checked;
mod checking;
mod chosen;
mod commands;
mod completion;
mod configuration;
mod cursor;
mod diagnostics;
mod document;
mod entry;
mod expansions;
mod folding;
mod formatting;
mod frame;
mod hover;
mod ignore;
mod in_comments;
mod known;
mod links;
mod measuring;
mod moved;
mod names;
mod navigate;
mod offer;
mod own_variables;
mod paint;
mod paths;
mod pen;
mod pending;
mod place;
mod protocol;
mod rebuilds;
mod reference;
mod renewing;
mod rewrites;
mod selection;
mod server;
mod settings;
mod signature;
mod symbols;
mod tokens;
mod unsure;
mod uri;
mod variables;
mod weights;
mod workspace_folders;

use std::collections::VecDeque;
use std::io::{self, BufRead, Write};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::workspace::Workspace;

use frame::Frame;
use measuring::{PATIENCE, Walked};
use protocol::{Failure, Incoming};
use server::{Phase, Server};

/// How many messages may wait; then the client does.
const MAX_WAITING: usize = 64;

/// How long diagnostics may wait for a moment without messages.
const MAX_DELAY: Duration = Duration::from_secs(1);

/// What the server waits for.
enum Event {
    Message(Incoming),
    /// A build context was walked through.
    Walked(Walked),
    /// The client says nothing any more.
    Ended,
}

/// What whoever starts the server allows it to do: no settings can, since an opened folder may bring some.
#[derive(Debug, Clone, Copy, Default)]
pub struct Allowed {
    /// Whether git may be asked what a build makes again since the last commit.
    pub git: bool,
}

/// Serves the client that writes to `input` and reads from `output`, until it leaves. True if it left in order: after
/// a shutdown.
///
/// # Errors
/// If nothing can be written to `output`.
pub fn serve(
    mut input: impl BufRead + Send + 'static,
    output: impl Write,
    workspace: Workspace,
    allowed: Allowed,
) -> io::Result<bool> {
    let (sender, receiver) = mpsc::sync_channel(MAX_WAITING);
    let server = Server::new(output, workspace, sender.clone(), allowed);
    thread::spawn(move || {
        // What cannot be read is the end as well.
        while let Ok(Some(frame)) = frame::read(&mut input) {
            let message = match frame {
                Frame::Body(bytes) => Incoming::read(&bytes),
                Frame::Broken(why) => Incoming::Broken(Failure::new(Failure::PARSE, why)),
            };
            if sender.send(Event::Message(message)).is_err() {
                return;
            }
        }
        // If nobody listens any more, it has ended already.
        let _ = sender.send(Event::Ended);
    });
    run(&receiver, server)
}

fn run(receiver: &Receiver<Event>, mut server: Server<impl Write>) -> io::Result<bool> {
    let (mut waiting, mut settled, mut told) = (VecDeque::new(), Instant::now(), Instant::now());
    loop {
        while waiting.len() < MAX_WAITING
            && let Ok(event) = receiver.try_recv()
        {
            wait(event, &mut waiting, &mut server)?;
        }
        let event = match waiting.pop_front() {
            Some(event) => event,
            None => {
                // One after the other, so that messages need not wait for all documents.
                let is_left = server.settle()?;
                if is_left {
                    continue;
                }
                let Some(event) = next(receiver, &mut server)? else { continue };
                settled = Instant::now();
                event
            }
        };
        match event {
            Event::Message(message) => server.take(message)?,
            Event::Walked(walked) => server.walked(walked)?,
            Event::Ended => return Ok(server.phase == Phase::ShutDown),
        }
        if let Phase::Exited { in_order } = server.phase {
            return Ok(in_order);
        }
        // Somebody who types leaves no moment in which it is told by itself.
        if told.elapsed() > PATIENCE && server.is_measuring() {
            server.tell_progress()?;
            told = Instant::now();
        }
        if settled.elapsed() > MAX_DELAY {
            server.settle()?;
            settled = Instant::now();
        }
    }
}

/// The next event, once there is one. While a context is walked through, the client is told how far that is.
fn next(receiver: &Receiver<Event>, server: &mut Server<impl Write>) -> io::Result<Option<Event>> {
    let answering = Arc::clone(&server.measuring.answering);
    answering.ends();
    let event = next_while_idle(receiver, server);
    answering.begins();
    event
}

fn next_while_idle(receiver: &Receiver<Event>, server: &mut Server<impl Write>) -> io::Result<Option<Event>> {
    if !server.is_measuring() {
        return Ok(Some(receiver.recv().unwrap_or(Event::Ended)));
    }
    match receiver.recv_timeout(PATIENCE) {
        Ok(event) => Ok(Some(event)),
        Err(RecvTimeoutError::Disconnected) => Ok(Some(Event::Ended)),
        Err(RecvTimeoutError::Timeout) => server.tell_progress().map(|()| None),
    }
}

/// Puts an event behind those that wait, or takes away the request that it cancels.
fn wait(event: Event, waiting: &mut VecDeque<Event>, server: &mut Server<impl Write>) -> io::Result<()> {
    let Event::Message(Incoming::Notification { method, params }) = &event else {
        waiting.push_back(event);
        return Ok(());
    };
    if method != "$/cancelRequest" {
        waiting.push_back(event);
        return Ok(());
    }
    let wanted = params.get("id").unwrap_or(&Value::Null);
    let is_it = |waits: &Event| matches!(waits, Event::Message(Incoming::Request { id, .. }) if id == wanted);
    let found = waiting.iter().position(is_it).and_then(|at| waiting.remove(at));
    if found.is_some() { server.cancelled(wanted) } else { Ok(()) }
}
